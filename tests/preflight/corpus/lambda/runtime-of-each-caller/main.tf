module "exports" {
  source  = "./modules/function"
  name    = "exports"
  runtime = "nodejs16.x"
}

module "imports" {
  source  = "./modules/function"
  name    = "imports"
  runtime = "nodejs22.x"
}
