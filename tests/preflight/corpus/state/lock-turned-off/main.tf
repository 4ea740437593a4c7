terraform {
  required_version = ">= 1.10"

  backend "s3" {
    bucket  = "acme-terraform-state"
    key     = "reports/terraform.tfstate"
    region  = "eu-central-1"
    encrypt = true

    # The role had no s3:DeleteObject on the lock.
    use_lockfile = false
  }
}
