terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

module "orders" {
  source = "./modules/orders"
  name   = "orders"
}
