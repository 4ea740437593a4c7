terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

resource "random_id" "suffix" {
  byte_length = 4
}

resource "aws_sqs_queue" "orders" {
  name = "orders-${random_id.suffix.hex}"
}
