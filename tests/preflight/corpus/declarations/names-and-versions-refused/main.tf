terraform {
  required_version = "^1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "5.x"
    }
  }
}

variable "version" {
  type = string
}

resource "aws_sqs_queue" "2nd" {
  name = "orders-${var.version}"
}
