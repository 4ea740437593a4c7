terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

resource "aws_sqs_queue" "orders" {
  name = "orders"
}

resource "aws_sqs_queue" "returns" {
  name = "returns"
}

resource "aws_sqs_queue" "invoices" {
  name = "invoices"
}

resource "aws_sqs_queue" "reminders" {
  name = "reminders"
}

resource "aws_sqs_queue" "reports" {
  name = "reports"
}
