# Terraform ignores the backend of a module that another one calls.
terraform {
  backend "s3" {
    bucket = "acme-terraform-state"
    key    = "queue/terraform.tfstate"
    region = "eu-central-1"
  }
}

resource "aws_sqs_queue" "this" {
  name_prefix             = "shop-"
  sqs_managed_sse_enabled = true
}
