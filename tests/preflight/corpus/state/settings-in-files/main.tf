terraform {
  required_version = ">= 1.10"

  # terraform init -backend-config=env/STAGE.s3.tfbackend
  backend "s3" {}
}
