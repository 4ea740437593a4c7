variable "stage" {
  type        = string
  description = "The stage that is deployed, such as test."
}

resource "aws_sqs_queue" "orders" {
  name = "orders-${var.stage}-queue"
}
