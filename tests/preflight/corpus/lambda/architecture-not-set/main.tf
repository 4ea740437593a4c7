data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "search" {
  name               = "search"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

data "archive_file" "hello" {
  type        = "zip"
  source_file = "${path.module}/src/hello.py"
  output_path = "${path.module}/build/hello.zip"
}

resource "aws_lambda_function" "hello" {
  function_name = "hello"
  role          = aws_iam_role.search.arn
  filename      = data.archive_file.hello.output_path
  handler       = "hello.handler"
  runtime       = "python3.13"
}

resource "aws_lambda_function" "search" {
  function_name = "search"
  role          = aws_iam_role.search.arn
  s3_bucket     = "acme-packages"
  s3_key        = "search.zip"
  handler       = "bootstrap"
  runtime       = "provided.al2023"
}
