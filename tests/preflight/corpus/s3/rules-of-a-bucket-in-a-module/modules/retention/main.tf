variable "bucket" {
  description = "Bucket whose versions expire."
  type        = string
}

variable "days" {
  description = "Days after which versions expire."
  type        = number
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = var.bucket

  rule {
    id     = "versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.days
    }
  }
}
