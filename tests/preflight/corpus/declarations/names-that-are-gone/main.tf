resource "aws_sqs_queue" "orders" {
  name                       = "orders-${var.stages}"
  visibility_timeout_seconds = local.timeout
}

resource "aws_sqs_queue_policy" "orders" {
  queue_url = aws_sqs_queue.order.id
  policy    = data.aws_iam_policy_document.orders.json
}

data "aws_iam_policy_document" "orders" {
  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.orders.arn]

    principals {
      type        = "AWS"
      identifiers = [data.aws_caller_identity.current.account_id]
    }
  }
}
