resource "aws_s3_bucket" "campaign" {
  bucket_prefix = "campaign-"
}

resource "aws_s3_bucket_lifecycle_configuration" "campaign" {
  bucket = aws_s3_bucket.campaign.id

  rule {
    id     = "end-of-campaign"
    status = "Enabled"

    filter {}

    transition {
      date          = "2027-01-01T00:00:00Z"
      storage_class = "GLACIER_IR"
    }

    expiration {
      date = "2028-01-01T00:00:00Z"
    }
  }

  # Days beside dates are fine in a rule of their own.
  rule {
    id     = "parts"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}
