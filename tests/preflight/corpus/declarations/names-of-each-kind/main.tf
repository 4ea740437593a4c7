variable "stages" {
  description = "For which deployments there is a queue."
  type        = set(string)
}

locals {
  names = { for aws_stage in var.stages : aws_stage => upper(aws_stage) }
}

moved {
  from = aws_sqs_queue.order
  to   = aws_sqs_queue.orders
}

resource "aws_sqs_queue" "orders" {
  for_each = local.names
  name     = "orders-${each.key}"
  tags     = { stage = each.value, workspace = terraform.workspace }

  lifecycle {
    ignore_changes = [tags["stage"]]
  }
}

check "there_is_one" {
  data "aws_sqs_queue" "first" {
    name = values(aws_sqs_queue.orders)[0].name
  }

  assert {
    condition     = data.aws_sqs_queue.first.url != ""
    error_message = "There is no queue."
  }
}
