data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "legacy" {
  name               = "legacy"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

locals {
  runtimes = {
    billing = "python3.7"
  }
}

resource "aws_lambda_function" "router" {
  function_name = "router"
  role          = aws_iam_role.legacy.arn
  s3_bucket     = "acme-packages"
  s3_key        = "router.zip"
  handler       = "router"
  runtime       = "go1.x"
  architectures = ["x86_64"]
}

resource "aws_lambda_function" "billing" {
  function_name = "billing"
  role          = aws_iam_role.legacy.arn
  s3_bucket     = "acme-packages"
  s3_key        = "billing.zip"
  handler       = "billing.main.handler"
  runtime       = local.runtimes["billing"]
  architectures = ["x86_64"]
}
