data "aws_iam_policy_document" "sends" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = ["arn:aws:sqs:eu-central-1:111122223333:orders"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_policy" "sends" {
  name   = "sends-orders"
  policy = data.aws_iam_policy_document.sends.json
}
