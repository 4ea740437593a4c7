variable "more" {
  description = "Statements besides, as JSON."
  type        = string
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "FunctionsAssume"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "reports" {
  name               = "reports"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "reports" {
  name = "reports"
  role = aws_iam_role.reports.id

  policy = <<-JSON
    {
      "Version": "2012-10-17",
      "Statement": [
        {
          "Sid": "Reads",
          "Effect": "Allow",
          "Action": ["s3:GetObject", "s3:ListBucket"],
          "Resource": ["arn:aws:s3:::acme-reports", "arn:aws:s3:::acme-reports/*"]
        },
        ${var.more}
      ]
    }
  JSON
}
