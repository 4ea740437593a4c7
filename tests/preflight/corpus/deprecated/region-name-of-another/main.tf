terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

data "aws_availability_zones" "here" {
  state = "available"
}

variable "region" {
  description = "What to call the region, and which one it is."
  type = object({
    name = string
  })
  default = {
    name = "eu-central-1"
  }
}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/orders/${var.region.name}/${data.aws_availability_zones.here.names[0]}"
  retention_in_days = 30
}
