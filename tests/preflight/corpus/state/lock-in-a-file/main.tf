terraform {
  required_version = ">= 1.10"

  backend "s3" {
    bucket = "acme-terraform-state"
    key    = "mail/terraform.tfstate"
    region = "eu-central-1"
  }
}
