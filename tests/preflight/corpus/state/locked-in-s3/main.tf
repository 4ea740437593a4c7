terraform {
  required_version = ">= 1.11"

  backend "s3" {
    bucket       = "acme-terraform-state"
    key          = "orders/terraform.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    kms_key_id   = "alias/terraform-state"
    use_lockfile = true
  }
}

resource "aws_sqs_queue" "orders" {
  name_prefix             = "orders-"
  sqs_managed_sse_enabled = true
}
