resource "aws_s3_bucket" "exports" {
  bucket_prefix = "exports-"
}

resource "aws_s3_bucket_versioning" "exports" {
  bucket = aws_s3_bucket.exports.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "exports" {
  bucket = aws_s3_bucket.exports.id

  rule {
    id     = "personal-data"
    status = "Enabled"

    filter {
      prefix = "personal/"
    }

    # Deleted after 30 days, as agreed.
    expiration {
      days = 30
    }
  }
}
