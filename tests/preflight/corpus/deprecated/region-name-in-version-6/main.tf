terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

data "aws_region" "current" {}

data "aws_caller_identity" "current" {}

locals {
  prefix = "arn:aws:sqs:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/orders/${data.aws_region.current.name}"
  retention_in_days = 30
}

output "queue" {
  description = "ARN of the queue."
  value       = "${local.prefix}:orders"
}
