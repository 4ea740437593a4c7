terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.60, < 7.0"
    }
  }
}

data "aws_region" "current" {}

resource "aws_cloudwatch_log_group" "orders" {
  # Not data.aws_region.current.name, which version 6 gives up.
  name              = "/orders/${data.aws_region.current.id}"
  retention_in_days = 30
}
