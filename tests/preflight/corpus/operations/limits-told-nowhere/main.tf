terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  backend "s3" {
    bucket       = "example-state"
    key          = "orders/terraform.tfstate"
    region       = "eu-central-1"
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region              = var.region
  allowed_account_ids = ["111122223333"]

  default_tags {
    tags = { owner = var.owner }
  }
}

variable "region" {
  type    = string
  default = "eu-central-1"

  validation {
    condition     = startswith(var.region, "eu-")
    error_message = "Orders stay in Europe."
  }
}

variable "owner" {
  type = string
}

module "orders" {
  source = "./modules/orders"
  name   = "orders"
}
