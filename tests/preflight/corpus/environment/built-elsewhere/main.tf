data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "orders" {
  name               = "orders"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_lambda_function" "orders" {
  function_name = "orders"
  role          = aws_iam_role.orders.arn
  s3_bucket     = "acme-packages"
  s3_key        = "orders.zip"
  handler       = "orders.app.handler"
  runtime       = "python3.13"
  architectures = ["arm64"]

  environment {
    variables = {
      TABLE_NAME = "orders"
    }
  }
}
