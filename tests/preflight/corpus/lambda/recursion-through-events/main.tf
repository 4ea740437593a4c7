data "aws_iam_policy_document" "lambda" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "thumbnails" {
  name               = "thumbnails"
  assume_role_policy = data.aws_iam_policy_document.lambda.json
}

resource "aws_iam_role_policy_attachment" "thumbnails_logs" {
  role       = aws_iam_role.thumbnails.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
}

resource "aws_sqs_queue" "failures" {
  name                    = "failures"
  sqs_managed_sse_enabled = true
}

resource "aws_s3_bucket" "photos" {
  bucket = "acme-photos"
}

resource "aws_s3_bucket" "thumbnails" {
  bucket = "acme-thumbnails"
}

resource "aws_lambda_function" "thumbnails" {
  function_name = "thumbnails"
  role          = aws_iam_role.thumbnails.arn
  s3_bucket     = "acme-packages"
  s3_key        = "thumbnails.zip"
  handler       = "app.handler"
  runtime       = "python3.13"
  architectures = ["x86_64"]

  dead_letter_config {
    target_arn = aws_sqs_queue.failures.arn
  }
}

resource "aws_lambda_permission" "photos" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.thumbnails.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.photos.arn
}

resource "aws_s3_bucket_notification" "photos" {
  bucket      = aws_s3_bucket.photos.id
  eventbridge = true
}

resource "aws_cloudwatch_event_rule" "photos" {
  name = "photos"

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created"]
    detail = {
      bucket = { name = ["acme-photos"] }
    }
  })
}

resource "aws_cloudwatch_event_target" "photos" {
  rule = aws_cloudwatch_event_rule.photos.name
  arn  = aws_lambda_function.thumbnails.arn
}

data "aws_iam_policy_document" "objects" {
  statement {
    actions   = ["s3:GetObject", "s3:PutObject"]
    resources = ["arn:aws:s3:::acme-photos/*"]
  }
}

resource "aws_iam_policy" "objects" {
  name   = "objects"
  policy = data.aws_iam_policy_document.objects.json
}

resource "aws_iam_role_policy_attachment" "objects" {
  role       = aws_iam_role.thumbnails.name
  policy_arn = aws_iam_policy.objects.arn
}
