terraform {
  required_version = ">= 1.5"

  backend "s3" {
    bucket         = "acme-terraform-state"
    key            = "billing/terraform.tfstate"
    region         = "eu-central-1"
    encrypt        = true
    dynamodb_table = "terraform-locks"
  }
}
