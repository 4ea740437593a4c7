# The alarms, the topic and the dashboard that the module makes, where all of them are: in the target, with native replication.

mock_provider "aws" {
  override_during = plan
  source          = "./tests/mocks"

  mock_resource "aws_cloudwatch_metric_alarm" {
    override_during = plan
    defaults        = { arn = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:one" }
  }
}

variables {
  environment     = "test-1"
  region          = "eu-west-1"
  prefix          = "test-1-eu-west-1"
  side            = "target"
  migration_phase = "sync"
  replication     = "native"

  sides = {
    source = {
      region          = "us-east-1"
      account_id      = "111122223333"
      bucket          = "test-1-us-east-1-s3-documents"
      table           = "test-1-us-east-1-dynamodb-records"
      queue           = "test-1-us-east-1-sqs-changes"
      control_table   = "test-1-us-east-1-dynamodb-control"
      conflicts_table = "test-1-us-east-1-dynamodb-conflicts"
      journal_table   = "test-1-us-east-1-dynamodb-journal"
    }
    target = {
      region          = "eu-west-1"
      account_id      = "111122223333"
      bucket          = "test-1-eu-west-1-s3-documents"
      table           = "test-1-eu-west-1-dynamodb-records"
      queue           = "test-1-eu-west-1-sqs-changes"
      control_table   = "test-1-eu-west-1-dynamodb-control"
      conflicts_table = "test-1-eu-west-1-dynamodb-conflicts"
      journal_table   = "test-1-eu-west-1-dynamodb-journal"
    }
  }

  records_hash_key      = "owner"
  records_range_key     = "record_id"
  records_ttl_attribute = ""
  document_attribute    = "document_key"

  force_destroy       = false
  deletion_protection = true
  kms_key_arns        = { source = "", target = "" }
  archive_after_days  = 30
  noncurrent_days     = 90

  lambda_package              = "tests/fixtures/package.zip"
  lambda_architecture         = "arm64"
  lambda_runtime              = "python3.13"
  lambda_memory_mb            = 1024
  lambda_timeout_s            = 300
  lambda_max_concurrency      = 10
  lambda_reserved_concurrency = null
  scan_segments               = 4
  runner_window               = 64
  log_level                   = "INFO"
  log_retention_days          = 90

  client_lease_s        = 1
  client_deadline_s     = 60
  operator_arns         = []
  fencing_token_enabled = true
  hard_fence_enabled    = false
  fence_exempt_arns     = []

  event_bus_name           = "test-1-eu-west-1-events-migration"
  permissions_boundary_arn = ""
  external_id              = ""
  trust_source_account     = false
  endpoint_url             = ""
  alarm_emails             = ["ops@example.com"]

  global_table = {
    name       = "test-1-dynamodb-records"
    arn        = "arn:aws:dynamodb:eu-west-1:111122223333:table/test-1-dynamodb-records"
    stream_arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/test-1-dynamodb-records/stream/2026-03-28T00:00:00.000"
  }
}

run "target_in_sync_with_native_replication" {
  command = plan

  module {
    source = "./modules/region"
  }

  assert {
    condition = alltrue([
      for alarm in concat(values(aws_cloudwatch_metric_alarm.this), values(aws_cloudwatch_metric_alarm.system_errors)) :
      alarm.alarm_actions == toset([aws_sns_topic.alarms.arn]) && length(alarm.alarm_description) > 40 && length(alarm.alarm_description) <= 1024 &&
      alarm.datapoints_to_alarm <= alarm.evaluation_periods && startswith(alarm.alarm_name, "test-1-eu-west-1-cloudwatch-")
    ])
    error_message = "Every alarm must tell the topic, and say what it means and what to do."
  }

  # S3 and the global table report what leaves this region.
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["replication-latency"].threshold == 900 &&
      aws_cloudwatch_metric_alarm.this["replication-latency"].dimensions == tomap({
        SourceBucket = "test-1-eu-west-1-s3-documents", DestinationBucket = "test-1-us-east-1-s3-documents", RuleId = "to-source"
      }) &&
      aws_cloudwatch_metric_alarm.this["replication-failed"].threshold == 0 &&
      aws_cloudwatch_metric_alarm.this["replication-pending-bytes"].metric_name == "BytesPendingReplication"
    )
    error_message = "S3 replication must be alarmed on: 15 minutes, bytes pending, any failure."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["records-replication-latency"].threshold == 1000 &&
      aws_cloudwatch_metric_alarm.this["records-replication-latency"].dimensions.ReceivingRegion == "us-east-1" &&
      aws_cloudwatch_metric_alarm.this["records-replication-latency"].datapoints_to_alarm == 10 &&
      aws_cloudwatch_metric_alarm.this["records-replication-latency"].evaluation_periods == 15
    )
    error_message = "A second of the global table must alarm only when it lasts."
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.system_errors : length(alarm.metric_query) <= 10 && one([for one in alarm.metric_query : one.expression if one.id == "all"]) == "SUM(METRICS())"])
    error_message = "DynamoDB's own errors must be summed over operations, of which an alarm takes ten with the sum."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.this["data-sync-near-timeout"].threshold == 295000 &&
      aws_cloudwatch_metric_alarm.this["data-sync-iterator-age"].threshold == 900000 &&
      aws_cloudwatch_metric_alarm.this["dead-letters"].threshold == 0 &&
      aws_cloudwatch_metric_alarm.this["dead-letters"].dimensions.QueueName == aws_sqs_queue.changes_dead.name &&
      aws_cloudwatch_metric_alarm.this["changes-age"].dimensions.QueueName == aws_sqs_queue.changes.name
    )
    error_message = "Functions must be alarmed on shortly before their timeout, and queues by the names they have."
  }

  # What no data means.
  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.this : name => alarm.treat_missing_data if alarm.treat_missing_data != "notBreaching" } == {
      heartbeat-lag          = "breaching"
      validation-differences = "ignore"
    }
    error_message = "A heartbeat that is missing is ill while changes are followed, and differences stay until a validation finds none."
  }

  assert {
    condition = (
      { for statement in data.aws_iam_policy_document.alarms_topic.statement : statement.sid => [for one in statement.condition : one.variable] } == { Alarms = ["aws:SourceAccount"], Events = [], TlsOnly = ["aws:SecureTransport"] } &&
      one(data.aws_iam_policy_document.alarms_topic.statement[0].condition).values == tolist(["111122223333"]) &&
      keys(aws_sns_topic_subscription.alarms) == ["ops@example.com"]
    )
    error_message = "CloudWatch may tell the topic for this account only, and each address must be told."
  }

  assert {
    condition = (
      length(setsubtract(
        ["Phase", "DocumentsBackfilled", "RecordsBackfilled", "DocumentsApplied", "HeartbeatLag", "ReverseHeartbeatLag", "ChangesFailed", "StuckKeys", "ValidationDifferences", "Errors", "ReplicationLatency"],
        flatten([for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [for metric in try(widget.properties.metrics, []) : metric[1]]])
      )) == 0 &&
      strcontains(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.markdown, "docferry rollback")
    )
    error_message = "The dashboard must show phase, progress, lag and errors, and say what to do."
  }
}

run "source_planned_with_the_engine" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    side            = "source"
    region          = "us-east-1"
    prefix          = "test-1-us-east-1"
    migration_phase = "planning"
    replication     = "engine"
    global_table    = null
  }

  assert {
    condition     = !anytrue([for name in keys(aws_cloudwatch_metric_alarm.this) : strcontains(name, "replication") || strcontains(name, "heartbeat")])
    error_message = "The engine's mode has no replication to alarm on, and heartbeats are the target's."
  }

  assert {
    condition     = !contains([for statement in data.aws_iam_policy_document.alarms_topic.statement : statement.sid], "Events")
    error_message = "EventBridge must not be allowed where there is no bus."
  }
}
