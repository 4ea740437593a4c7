resource "aws_sqs_queue" "orders" {
  name                    = "orders"
  sqs_managed_sse_enabled = true

  tags = {
    Owner = "orders"
  }
}

resource "aws_sqs_queue" "mails" {
  name                    = "mails"
  sqs_managed_sse_enabled = true
}

resource "aws_sqs_queue" "bills" {
  name                    = "bills"
  sqs_managed_sse_enabled = true

  tags = {
    Owner = "bills"
    Stage = terraform.workspace
  }
}

resource "aws_sqs_queue_policy" "orders" {
  queue_url = aws_sqs_queue.orders.id
  policy    = "{}"
}
