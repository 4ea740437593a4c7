locals {
  retention = {
    access  = { archive = 30, delete = 400 }
    exports = { archive = 1, delete = 90 }
  }
}

resource "aws_s3_bucket" "logs" {
  bucket_prefix = "logs-"
}

resource "aws_s3_bucket_lifecycle_configuration" "logs" {
  bucket = aws_s3_bucket.logs.id

  dynamic "rule" {
    for_each = local.retention

    content {
      id     = rule.key
      status = "Enabled"

      filter {
        prefix = "${rule.key}/"
      }

      transition {
        days          = rule.value.archive
        storage_class = "GLACIER_IR"
      }

      expiration {
        days = rule.value.delete
      }
    }
  }
}
