data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "resize" {
  name               = "resize"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

locals {
  architecture = "arm64"
}

resource "aws_lambda_layer_version" "imaging" {
  layer_name               = "imaging"
  s3_bucket                = "acme-packages"
  s3_key                   = "layers/imaging-arm64.zip"
  compatible_runtimes      = ["python3.13"]
  compatible_architectures = [local.architecture]
}

resource "aws_lambda_layer_version" "fonts" {
  layer_name          = "fonts"
  s3_bucket           = "acme-packages"
  s3_key              = "layers/fonts.zip"
  compatible_runtimes = ["python3.13"]
}

resource "aws_lambda_function" "resize" {
  function_name = "resize"
  role          = aws_iam_role.resize.arn
  s3_bucket     = "acme-packages"
  s3_key        = "functions/resize-${local.architecture}.zip"
  handler       = "resize.handler"
  runtime       = "python3.13"
  architectures = [local.architecture]

  layers = [
    aws_lambda_layer_version.imaging.arn,
    aws_lambda_layer_version.fonts.arn,
    "arn:aws:lambda:eu-west-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-arm64:7",
  ]
}
