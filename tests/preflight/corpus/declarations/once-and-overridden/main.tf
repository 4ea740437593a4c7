terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = "eu-central-1"
}

provider "aws" {
  alias  = "target"
  region = "eu-west-1"
}

locals {
  stage = "production"
}

data "aws_sqs_queue" "orders" {
  name = "orders-${local.stage}"
}

resource "aws_sqs_queue" "orders" {
  name = "orders-${local.stage}-failed"
}
