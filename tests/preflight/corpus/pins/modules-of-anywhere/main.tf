module "network" {
  source = "terraform-aws-modules/vpc/aws"

  name = "orders"
  cidr = "10.0.0.0/16"
}

module "alarms" {
  source = "git::https://git.example.com/terraform/alarms.git"
}

module "dashboard" {
  source = "git::https://git.example.com/terraform/dashboard.git?ref=main"
}

module "role" {
  source = "terraform-aws-modules/iam/aws//modules/iam-assumable-role"
}
