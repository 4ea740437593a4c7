resource "aws_sqs_queue" "orders" {
  name                    = "OrdersQueue"
  sqs_managed_sse_enabled = true
}

resource "aws_sqs_queue" "mails" {
  name                    = "mails"
  sqs_managed_sse_enabled = true
}
