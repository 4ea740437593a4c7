resource "aws_s3_bucket" "exports" {
  bucket_prefix = "exports-"
}
