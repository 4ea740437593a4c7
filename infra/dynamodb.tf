# The global table of records: native replication only. The table is made once, in the source region, or adopted, and
# has a replica in the target region; with the engine each region has a table of its own, made by the module.

locals {
  records = !local.native ? null : var.existing_source.table == "" ? {
    arn        = aws_dynamodb_table.records[0].arn
    stream_arn = aws_dynamodb_table.records[0].stream_arn
    } : {
    arn        = data.aws_dynamodb_table.adopted[0].arn
    stream_arn = data.aws_dynamodb_table.adopted[0].stream_arn
  }

  global_tables = {
    source = !local.native ? null : {
      name       = local.records_tables.source
      arn        = local.records.arn
      stream_arn = local.records.stream_arn
    }
    target = !local.native ? null : {
      name       = local.records_tables.target
      arn        = aws_dynamodb_table_replica.records[0].arn
      stream_arn = data.aws_dynamodb_table.replica[0].stream_arn
    }
  }
}

resource "aws_dynamodb_table" "records" {
  count        = local.native && var.existing_source.table == "" ? 1 : 0
  provider     = aws.source
  name         = local.records_tables.source
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = var.records_hash_key
  range_key    = var.records_range_key == "" ? null : var.records_range_key

  stream_enabled              = true
  stream_view_type            = "NEW_AND_OLD_IMAGES"
  deletion_protection_enabled = var.deletion_protection

  dynamic "attribute" {
    for_each = compact([var.records_hash_key, var.records_range_key])
    content {
      name = attribute.value
      type = "S"
    }
  }

  dynamic "ttl" {
    for_each = compact([var.records_ttl_attribute])
    content {
      enabled        = true
      attribute_name = ttl.value
    }
  }

  point_in_time_recovery {
    enabled = true
  }

  lifecycle {
    # The replica is a resource of its own: as a block in here it could have no deletion protection, and after a
    # cutover it is the replica that applications write to.
    ignore_changes = [replica]
  }
}

# An adopted table stays its owner's: it only gets a replica.
data "aws_dynamodb_table" "adopted" {
  count    = local.native && var.existing_source.table != "" ? 1 : 0
  provider = aws.source
  name     = var.existing_source.table

  lifecycle {
    postcondition {
      condition     = self.stream_view_type == "NEW_AND_OLD_IMAGES"
      error_message = "The table ${self.name} needs a stream with new and old images before it can have a replica: aws dynamodb update-table --table-name ${self.name} --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES"
    }
  }
}

resource "aws_dynamodb_table_replica" "records" {
  count            = local.native ? 1 : 0
  provider         = aws.target
  global_table_arn = local.records.arn

  point_in_time_recovery      = true
  deletion_protection_enabled = var.deletion_protection
}

# For its stream, which the replica itself does not tell.
data "aws_dynamodb_table" "replica" {
  count    = length(aws_dynamodb_table_replica.records)
  provider = aws.target
  name     = split("table/", aws_dynamodb_table_replica.records[0].arn)[1]
}
