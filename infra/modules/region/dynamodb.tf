# The table of records, and docferry's own three. Tables of docferry's are never replicated: each region's gate and
# journal are its own.

locals {
  records_created = !var.adopted.table && var.replication == "engine"

  table = (
    var.replication == "native" ? var.global_table :
    var.adopted.table ? {
      name       = data.aws_dynamodb_table.adopted[0].name
      arn        = data.aws_dynamodb_table.adopted[0].arn
      stream_arn = data.aws_dynamodb_table.adopted[0].stream_arn
    } :
    {
      name       = aws_dynamodb_table.records[0].name
      arn        = aws_dynamodb_table.records[0].arn
      stream_arn = aws_dynamodb_table.records[0].stream_arn
    }
  )
}

data "aws_dynamodb_table" "adopted" {
  count = var.adopted.table ? 1 : 0
  name  = local.own.table

  lifecycle {
    postcondition {
      condition     = self.stream_enabled
      error_message = "The table ${self.name} has no stream, so that its changes cannot be followed, and Terraform does not change a table that it does not manage. Enable it: aws dynamodb update-table --table-name ${self.name} --stream-specification StreamEnabled=true,StreamViewType=NEW_AND_OLD_IMAGES"
    }

    postcondition {
      condition     = self.hash_key == var.records_hash_key && coalesce(self.range_key, "-") == coalesce(var.records_range_key, "-")
      error_message = "The table ${self.name} has the keys ${self.hash_key} and ${coalesce(self.range_key, "(none)")}: set records_hash_key and records_range_key to them, so that the target's table is created alike."
    }
  }
}

resource "aws_dynamodb_table" "records" {
  count        = local.records_created ? 1 : 0
  name         = local.own.table
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
}

# The gate of this region, and in the target region the ledger.
resource "aws_dynamodb_table" "control" {
  name         = local.own.control_table
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

# What others wrote to the passive side, before it is overwritten.
resource "aws_dynamodb_table" "conflicts" {
  name         = local.own.conflicts_table
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "id"
    type = "S"
  }

  point_in_time_recovery {
    enabled = true
  }
}

# The keys that clients write around a switch.
resource "aws_dynamodb_table" "journal" {
  name         = local.own.journal_table
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "shard"
  range_key    = "name"

  deletion_protection_enabled = var.deletion_protection

  attribute {
    name = "shard"
    type = "S"
  }

  attribute {
    name = "name"
    type = "S"
  }

  # Clients set it to two weeks: longer than any switch.
  ttl {
    enabled        = true
    attribute_name = "expires_at"
  }

  point_in_time_recovery {
    enabled = true
  }
}
