terraform {
  required_version = ">= 1.10"

  backend "s3" {
    bucket       = "state-${var.stage}"
    key          = "orders/terraform.tfstate"
    region       = var.region
    use_lockfile = true
    encrypt      = true
  }
}

variable "stage" {
  type = string
}

variable "region" {
  type    = string
  default = "eu-central-1"
}
