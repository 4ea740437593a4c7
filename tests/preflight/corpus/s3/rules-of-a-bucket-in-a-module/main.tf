resource "aws_s3_bucket" "media" {
  bucket_prefix = "media-"
}

resource "aws_s3_bucket_versioning" "media" {
  bucket = aws_s3_bucket.media.id

  versioning_configuration {
    status = "Enabled"
  }
}

module "retention" {
  source = "./modules/retention"
  bucket = aws_s3_bucket.media.id
  days   = 30
}
