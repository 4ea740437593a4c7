terraform {
  required_version = ">= 1.10"

  backend "s3" {
    bucket  = "acme-terraform-state"
    key     = "search/terraform.tfstate"
    region  = "eu-central-1"
    encrypt = true

    # The table goes when nobody has an older checkout any more.
    use_lockfile   = true
    dynamodb_table = "terraform-locks"
  }
}
