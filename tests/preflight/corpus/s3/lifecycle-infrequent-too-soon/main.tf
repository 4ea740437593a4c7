resource "aws_s3_bucket" "thumbnails" {
  bucket_prefix = "thumbnails-"
}

resource "aws_s3_bucket_lifecycle_configuration" "thumbnails" {
  bucket = aws_s3_bucket.thumbnails.id

  rule {
    id     = "cool"
    status = "Enabled"

    filter {}

    transition {
      days          = 7
      storage_class = "ONEZONE_IA"
    }
  }

  rule {
    id     = "originals"
    status = "Enabled"

    filter {
      prefix = "originals/"
    }

    # Tiering by S3 itself may begin at once.
    transition {
      days          = 0
      storage_class = "INTELLIGENT_TIERING"
    }
  }
}
