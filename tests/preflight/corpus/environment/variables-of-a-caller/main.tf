variable "table" {
  type = string
}

module "orders" {
  source    = "./modules/function"
  variables = { TABLE = var.table }
}
