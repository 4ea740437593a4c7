variable "archive_after_days" {
  description = "Days after which documents are archived; null for never."
  type        = number
  default     = null
}

variable "delete_after_days" {
  description = "Days after which documents are deleted."
  type        = number
}

resource "aws_s3_bucket" "documents" {
  bucket_prefix = "documents-"
}

resource "aws_s3_bucket_lifecycle_configuration" "documents" {
  bucket = aws_s3_bucket.documents.id

  rule {
    id     = "retention"
    status = "Enabled"

    filter {}

    dynamic "transition" {
      for_each = var.archive_after_days == null ? [] : [var.archive_after_days]

      content {
        days          = transition.value
        storage_class = "GLACIER"
      }
    }

    expiration {
      days = var.delete_after_days
    }
  }
}
