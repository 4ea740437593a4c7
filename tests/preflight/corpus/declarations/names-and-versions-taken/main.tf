terraform {
  required_version = " >=1.11 , < 2"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~>5.100, != 5.101.0"
    }
  }
}

variable "_größe" {
  type = string
}

resource "aws_sqs_queue" "orders-2nd" {
  name = "orders-${var._größe}"
}
