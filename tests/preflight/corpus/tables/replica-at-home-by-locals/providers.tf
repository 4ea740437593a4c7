locals {
  region  = "eu-central-1"
  regions = ["eu-central-1", "eu-west-1"]
}

provider "aws" {
  region = local.region
}
