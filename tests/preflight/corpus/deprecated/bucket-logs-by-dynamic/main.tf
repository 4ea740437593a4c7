terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

variable "log_bucket" {
  description = "Bucket for access logs; empty for none."
  type        = string
  default     = ""
}

resource "aws_s3_bucket" "documents" {
  bucket_prefix = "documents-"

  dynamic "logging" {
    for_each = var.log_bucket == "" ? [] : [var.log_bucket]

    content {
      target_bucket = logging.value
      target_prefix = "documents/"
    }
  }
}
