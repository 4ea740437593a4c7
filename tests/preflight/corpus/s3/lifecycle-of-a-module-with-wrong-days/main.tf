module "logs" {
  source            = "./modules/bucket"
  name              = "acme-prod-logs"
  archive_days      = 90
  delete_after_days = 60
}
