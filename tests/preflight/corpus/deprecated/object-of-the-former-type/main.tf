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

resource "aws_s3_bucket_object" "index" {
  bucket       = aws_s3_bucket.site.id
  key          = "index.html"
  content      = "<h1>Hello</h1>"
  content_type = "text/html"
}

data "aws_s3_bucket_objects" "reports" {
  bucket = aws_s3_bucket.site.id
  prefix = "reports/"
}
