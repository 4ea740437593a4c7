resource "aws_s3_bucket" "downloads" {
  bucket = "acme-downloads"
}

resource "aws_s3_bucket_policy" "downloads" {
  bucket = aws_s3_bucket.downloads.id
  policy = data.aws_iam_policy_document.downloads.json
}

data "aws_iam_policy_document" "downloads" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.downloads.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
