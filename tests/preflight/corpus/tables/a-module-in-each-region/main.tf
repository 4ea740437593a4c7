module "records" {
  source         = "./modules/table"
  replica_region = "eu-west-1"
}
