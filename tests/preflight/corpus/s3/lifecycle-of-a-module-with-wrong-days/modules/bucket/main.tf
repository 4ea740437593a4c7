resource "aws_s3_bucket" "this" {
  bucket = var.name
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "retention"
    status = "Enabled"

    filter {}

    transition {
      days          = var.archive_days
      storage_class = "GLACIER"
    }

    expiration {
      days = var.delete_after_days
    }
  }
}
