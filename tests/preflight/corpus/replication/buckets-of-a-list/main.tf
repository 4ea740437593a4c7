locals {
  buckets = toset(["orders", "orders-replica"])
}

resource "aws_s3_bucket" "this" {
  for_each      = local.buckets
  bucket_prefix = "${each.key}-"
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = local.buckets
  bucket   = aws_s3_bucket.this[each.key].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = local.buckets
  bucket   = aws_s3_bucket_versioning.this[each.key].bucket

  rule {
    id     = "versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 7
    }
  }
}

resource "aws_s3_bucket_replication_configuration" "orders" {
  bucket = aws_s3_bucket_versioning.this["orders"].bucket
  role   = "arn:aws:iam::111122223333:role/replicates-orders"

  rule {
    id     = "everything"
    status = "Enabled"

    filter {}

    delete_marker_replication {
      status = "Disabled"
    }

    destination {
      bucket = aws_s3_bucket.this["orders-replica"].arn
    }
  }
}
