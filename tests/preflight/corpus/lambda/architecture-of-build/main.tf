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

resource "terraform_data" "build" {
  triggers_replace = [timestamp()]

  provisioner "local-exec" {
    command = "GOOS=linux GOARCH=arm64 go build -o build/bootstrap ./cmd/search && zip -j build/search.zip build/bootstrap"
  }
}

resource "aws_lambda_function" "search" {
  function_name = "search"
  role          = aws_iam_role.search.arn
  filename      = "${path.module}/build/search.zip"
  handler       = "bootstrap"
  runtime       = "provided.al2023"
  architectures = ["x86_64"]

  depends_on = [terraform_data.build]
}

resource "aws_lambda_function" "index" {
  function_name = "index"
  role          = aws_iam_role.search.arn
  filename      = "${path.module}/build/index.zip"
  handler       = "bootstrap"
  runtime       = "provided.al2023"
  architectures = ["arm64"]

  depends_on = [terraform_data.build]
}
