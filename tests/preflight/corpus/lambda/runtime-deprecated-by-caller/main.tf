module "exports" {
  source  = "./modules/function"
  name    = "exports"
  runtime = "nodejs16.x"
}
