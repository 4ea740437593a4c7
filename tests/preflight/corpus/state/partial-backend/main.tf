terraform {
  required_version = ">= 1.10"

  # The bucket is passed with -backend-config.
  backend "s3" {
    key          = "orders/terraform.tfstate"
    region       = "eu-central-1"
    use_lockfile = true
    encrypt      = true
  }
}
