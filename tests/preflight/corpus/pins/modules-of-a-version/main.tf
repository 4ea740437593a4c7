module "network" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "5.21.0"

  name = "orders"
  cidr = "10.0.0.0/16"
}

module "alarms" {
  source = "git::https://git.example.com/terraform/alarms.git?ref=v1.4.0"
}

module "dashboard" {
  source = "git::https://git.example.com/terraform/dashboard.git?ref=5f0d0c2e6b1a"
}
