locals {
  bucket = "acme-prod-invoices"
}

resource "aws_s3_bucket" "invoices" {
  bucket = local.bucket
}

resource "aws_s3_bucket_versioning" "invoices" {
  bucket = local.bucket

  versioning_configuration {
    status = "Enabled"
  }

  depends_on = [aws_s3_bucket.invoices]
}

resource "aws_s3_bucket_lifecycle_configuration" "invoices" {
  bucket = aws_s3_bucket_versioning.invoices.bucket

  rule {
    id     = "versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days           = 30
      newer_noncurrent_versions = 3
    }
  }
}
