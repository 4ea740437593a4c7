variable "stage" {
  type = "string"
}

variable "subnets" {
  type    = "list"
  default = []
}

resource "aws_sns_topic" "orders" {
  name = "orders-${var.stage}"

  lifecycle {
    ignore_changes = ["tags"]
  }
}

resource "aws_sqs_queue" "orders" {
  name       = "orders-${var.stage}-${length(var.subnets)}"
  depends_on = [aws_sns_topic.orders]
}
