terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }

  backend "s3" {
    bucket       = "${var.project}-state"
    key          = "${var.environment}/terraform.tfstate"
    region       = var.region
    use_lockfile = true
    encrypt      = true
  }
}

provider "aws" {
  region = var.region
}
