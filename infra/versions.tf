terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }

  # Empty, because a backend block cannot use variables: `terraform init -backend-config=FILE` fills it in.
  # environments/*.s3.tfbackend.example are such files; infra/bootstrap creates the bucket that they name.
  backend "s3" {}
}
