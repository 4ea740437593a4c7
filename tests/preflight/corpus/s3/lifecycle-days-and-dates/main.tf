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
      days          = 60
      storage_class = "GLACIER_IR"
    }

    expiration {
      date = "2028-01-01T00:00:00Z"
    }
  }
}
