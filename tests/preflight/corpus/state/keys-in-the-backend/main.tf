terraform {
  required_version = ">= 1.10"

  backend "s3" {
    bucket       = "acme-terraform-state"
    key          = "legacy/terraform.tfstate"
    region       = "eu-central-1"
    encrypt      = true
    use_lockfile = true
    access_key   = "AKIAIOSFODNN7EXAMPLE"
    secret_key   = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
  }
}
