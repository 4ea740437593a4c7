terraform {
  required_version = ">= 1.10"

  backend "s3" {
    bucket       = "acme-terraform-state"
    key          = "data/terraform.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true

    assume_role = {
      role_arn    = "arn:aws:iam::111122223333:role/keeps-terraform-state"
      external_id = "data"
    }
  }
}

provider "aws" {
  region = "eu-central-1"

  assume_role {
    role_arn = "arn:aws:iam::444455556666:role/deploys-data"
  }
}
