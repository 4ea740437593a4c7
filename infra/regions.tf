module "source" {
  source    = "./modules/region"
  providers = { aws = aws.source }

  environment     = var.environment
  region          = var.source_region
  prefix          = local.source_prefix
  side            = "source"
  sides           = local.sides
  migration_phase = var.migration_phase
  replication     = var.replication
  adopted = {
    bucket       = var.existing_source.bucket != ""
    table        = var.existing_source.table != ""
    notification = contains(var.existing_source.take_over, "notification")
  }
  global_table = local.global_tables.source

  records_hash_key      = var.records_hash_key
  records_range_key     = var.records_range_key
  records_ttl_attribute = var.records_ttl_attribute
  document_attribute    = var.document_attribute

  force_destroy       = var.force_destroy
  deletion_protection = var.deletion_protection
  kms_key_arns        = var.kms_key_arns
  archive_after_days  = var.archive_after_days
  noncurrent_days     = var.noncurrent_days

  lambda_package              = var.lambda_package
  lambda_architecture         = var.lambda_architecture
  lambda_runtime              = var.lambda_runtime
  lambda_memory_mb            = var.lambda_memory_mb
  lambda_timeout_s            = var.lambda_timeout_s
  lambda_max_concurrency      = var.lambda_max_concurrency
  lambda_reserved_concurrency = var.lambda_reserved_concurrency
  scan_segments               = var.scan_segments
  runner_window               = var.runner_window
  log_level                   = var.log_level
  log_retention_days          = var.log_retention_days

  event_bus_name           = var.eventbridge_enabled ? "${local.target_prefix}-events-migration" : ""
  permissions_boundary_arn = var.permissions_boundary_arn
  external_id              = local.external_id
  trust_source_account     = var.trust_source_account
  client_lease_s           = var.client_lease_s
  client_deadline_s        = var.client_deadline_s
  operator_arns            = var.operator_arns
  fencing_token_enabled    = var.fencing_token_enabled
  hard_fence_enabled       = var.hard_fence_enabled
  fence_exempt_arns        = var.fence_exempt_arns
  endpoint_url             = var.endpoint_url
  alarm_emails             = var.alarm_emails
}

module "target" {
  source    = "./modules/region"
  providers = { aws = aws.target }

  environment     = var.environment
  region          = var.target_region
  prefix          = local.target_prefix
  side            = "target"
  sides           = local.sides
  migration_phase = var.migration_phase
  replication     = var.replication

  global_table = local.global_tables.target

  records_hash_key      = var.records_hash_key
  records_range_key     = var.records_range_key
  records_ttl_attribute = var.records_ttl_attribute
  document_attribute    = var.document_attribute

  force_destroy       = var.force_destroy
  deletion_protection = var.deletion_protection
  kms_key_arns        = var.kms_key_arns
  archive_after_days  = var.archive_after_days
  noncurrent_days     = var.noncurrent_days

  lambda_package              = var.lambda_package
  lambda_architecture         = var.lambda_architecture
  lambda_runtime              = var.lambda_runtime
  lambda_memory_mb            = var.lambda_memory_mb
  lambda_timeout_s            = var.lambda_timeout_s
  lambda_max_concurrency      = var.lambda_max_concurrency
  lambda_reserved_concurrency = var.lambda_reserved_concurrency
  scan_segments               = var.scan_segments
  runner_window               = var.runner_window
  log_level                   = var.log_level
  log_retention_days          = var.log_retention_days

  event_bus_name           = var.eventbridge_enabled ? "${local.target_prefix}-events-migration" : ""
  permissions_boundary_arn = var.permissions_boundary_arn
  external_id              = local.external_id
  trust_source_account     = var.trust_source_account
  client_lease_s           = var.client_lease_s
  client_deadline_s        = var.client_deadline_s
  operator_arns            = var.operator_arns
  fencing_token_enabled    = var.fencing_token_enabled
  hard_fence_enabled       = var.hard_fence_enabled
  fence_exempt_arns        = var.fence_exempt_arns
  endpoint_url             = var.endpoint_url
  alarm_emails             = var.alarm_emails
}

