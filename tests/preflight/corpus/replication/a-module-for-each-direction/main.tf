resource "aws_s3_bucket" "source" {
  bucket_prefix = "documents-source-"
}

resource "aws_s3_bucket_versioning" "source" {
  bucket = aws_s3_bucket.source.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "source" {
  bucket = aws_s3_bucket.source.id

  rule {
    id     = "versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }

  depends_on = [aws_s3_bucket_versioning.source]
}

resource "aws_s3_bucket" "target" {
  bucket_prefix = "documents-target-"
}

resource "aws_s3_bucket_versioning" "target" {
  bucket = aws_s3_bucket.target.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "target" {
  bucket = aws_s3_bucket.target.id

  rule {
    id     = "versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }

  depends_on = [aws_s3_bucket_versioning.target]
}

module "to_target" {
  source     = "./modules/replicate"
  name       = "to-target"
  bucket     = aws_s3_bucket_versioning.source.bucket
  bucket_arn = aws_s3_bucket.source.arn
  target_arn = aws_s3_bucket.target.arn
  depends_on = [aws_s3_bucket_versioning.target]
}
