"""Configurations that count as deployed."""

QUEUES = "".join(f'resource "aws_sqs_queue" "q{one}" {{}}\n' for one in range(5))
BACKEND = 'terraform {\n  required_version = ">= 1.11"\n  backend "s3" {}\n}\n'
WHOLE = BACKEND + QUEUES
LOCK = """provider "registry.terraform.io/hashicorp/aws" {
  version = "5.100.0"
  hashes = [
    "h1:a",
    "h1:b",
  ]
}
"""
NOT_WHOLE = {
    "too small": BACKEND + 'resource "aws_s3_bucket" "state" {}',
    "neither backend nor provider": QUEUES,
}
