module "orders" {
  source = "./modules/alarms"
  name   = "orders"
}
