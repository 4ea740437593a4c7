terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

resource "aws_s3_bucket" "site" {
  bucket_prefix = "site-"
}

resource "aws_s3_bucket_website_configuration" "site" {
  bucket = aws_s3_bucket.site.id

  index_document {
    suffix = "index.html"
  }
}

output "former" {
  description = "Where the site is."
  value       = aws_s3_bucket.site.website_endpoint
}

output "endpoint" {
  description = "Where the site is."
  value       = aws_s3_bucket_website_configuration.site.website_endpoint
}
