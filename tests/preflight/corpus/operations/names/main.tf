locals {
  prefix = "acme-test"
}

resource "aws_sqs_queue" "orders" {
  name                    = "${local.prefix}-orders"
  sqs_managed_sse_enabled = true
}

resource "aws_sqs_queue" "mails" {
  name                    = "MailsQueue"
  sqs_managed_sse_enabled = true
}

resource "aws_cloudwatch_log_group" "orders" {
  name              = "/aws/lambda/orders"
  retention_in_days = 30
}

resource "random_pet" "orders" {
  length = 2
}

resource "aws_sns_topic" "orders" {
  name              = "orders-${random_pet.orders.id}"
  kms_master_key_id = "alias/aws/sns"
}
