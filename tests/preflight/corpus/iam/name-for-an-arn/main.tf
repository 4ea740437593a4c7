resource "aws_s3_bucket" "invoices" {
  bucket = "acme-invoices"
}

resource "aws_iam_role_policy" "reads_invoices" {
  name = "reads-invoices"
  role = "reports"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = "s3:ListBucket"
        Resource = aws_s3_bucket.invoices.id
      },
      {
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "${aws_s3_bucket.invoices.arn}/*"
      },
    ]
  })
}
