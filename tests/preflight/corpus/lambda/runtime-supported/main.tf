data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "reports" {
  name               = "reports"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

variable "runtime" {
  type    = string
  default = "nodejs22.x"
}

resource "aws_lambda_function" "reports" {
  function_name = "reports"
  role          = aws_iam_role.reports.arn
  filename      = "${path.module}/build/reports.zip"
  handler       = "app.handler"
  runtime       = "python3.13"
  architectures = ["x86_64"]
}

resource "aws_lambda_function" "charts" {
  function_name = "charts"
  role          = aws_iam_role.reports.arn
  filename      = "${path.module}/build/charts.zip"
  handler       = "index.handler"
  runtime       = var.runtime
  architectures = ["arm64"]
}

resource "aws_lambda_function" "fonts" {
  function_name = "fonts"
  role          = aws_iam_role.reports.arn
  package_type  = "Image"
  image_uri     = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/fonts:7"
  architectures = ["arm64"]
}
