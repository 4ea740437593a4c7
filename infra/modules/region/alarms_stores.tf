# Alarms on the stores: native replication out of this region, and the tables.

locals {
  # S3 and global tables report in the region that they replicate from. The rule's name is the root's, in s3.tf.
  replicated = {
    SourceBucket      = local.own.bucket
    DestinationBucket = local.peer.bucket
    RuleId            = var.side == "source" ? "to-target" : "to-source"
  }

  # No data while nothing is replicated. That a rule is broken altogether shows in the heartbeat, which S3 carries as well.
  replication_alarms = { for name, alarm in {
    replication-latency = {
      what       = "S3 has been more than 15 minutes behind from ${local.own.bucket} for 5 minutes, which is what replication time control promises. Do not cut over; look at pending bytes and at the quota of 1 Gbps."
      namespace  = "AWS/S3", metric = "ReplicationLatency", dimensions = local.replicated, statistic = "Maximum"
      period_s   = 60, of = 5, points = 5, missing = "notBreaching"
      comparison = "GreaterThanThreshold", threshold = 900
    }
    # What the default quota of 1 Gbps carries in 15 minutes is 112.5 GB.
    replication-pending-bytes = {
      what       = "More than 112.5 GB have been waiting for S3 replication from ${local.own.bucket} for 15 minutes: more than 1 Gbps carries in that time. Ask for a higher quota, or wait before the cutover."
      namespace  = "AWS/S3", metric = "BytesPendingReplication", dimensions = local.replicated, statistic = "Maximum"
      period_s   = 60, of = 15, points = 15, missing = "notBreaching"
      comparison = "GreaterThanThreshold", threshold = 112500000000
    }
    replication-failed = {
      what       = "S3 gave up on objects of ${local.own.bucket}; it does not try again by itself. docferry validate finds them, docferry validate --repair carries them."
      namespace  = "AWS/S3", metric = "OperationsFailedReplication", dimensions = local.replicated, statistic = "Sum"
      period_s   = 300, of = 1, points = 1, missing = "notBreaching"
      comparison = "GreaterThanThreshold", threshold = 0
    }
    # A second is normal now and then; two minutes in three are not.
    records-replication-latency = {
      what       = "The global table has been more than a second behind from ${var.region} for 10 of 15 minutes. Do not cut over while it lasts."
      namespace  = "AWS/DynamoDB", metric = "ReplicationLatency", statistic = "Average"
      dimensions = { TableName = local.own.table, ReceivingRegion = local.peer.region }
      period_s   = 60, of = 15, points = 10, missing = "notBreaching"
      comparison = "GreaterThanThreshold", threshold = 1000
    }
  } : name => alarm if var.replication == "native" }

  alarmed_tables = {
    records = local.own.table
    control = local.own.control_table
    journal = local.own.journal_table
  }

  # Tables on demand throttle for a moment while they grow, and requests are repeated. No data without throttling.
  table_alarms = merge([for table, name in local.alarmed_tables : {
    for kind in ["Read", "Write"] : "${table}-${lower(kind)}-throttles" => {
      what       = "DynamoDB has been throttling ${lower(kind)}s of ${name} for 10 of 15 minutes. ${table == "records" ? "Lower map_concurrency, or warm the table up." : "Look for a hot key: docferry and its clients use this table lightly."}"
      namespace  = "AWS/DynamoDB", metric = "${kind}ThrottleEvents", dimensions = { TableName = name }, statistic = "Sum"
      period_s   = 300, of = 3, points = 2, missing = "notBreaching"
      comparison = "GreaterThanThreshold", threshold = 100
    }
  }]...)

  # At most nine: an alarm takes ten metrics with the sum.
  system_error_operations = {
    records = {
      table      = local.own.table
      operations = ["GetItem", "BatchGetItem", "Query", "Scan", "PutItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"]
    }
    control = {
      table      = local.own.control_table
      operations = ["GetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"]
    }
  }
}
