variable "name" {
  type = string
}

variable "runtime" {
  type    = string
  default = "nodejs22.x"
}

data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "this" {
  name               = var.name
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_lambda_function" "this" {
  function_name = var.name
  role          = aws_iam_role.this.arn
  s3_bucket     = "acme-packages"
  s3_key        = "${var.name}.zip"
  handler       = "index.handler"
  runtime       = var.runtime
  architectures = ["arm64"]
}
