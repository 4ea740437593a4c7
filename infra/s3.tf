# Replication both ways: native only. It needs both buckets with their versioning, so it is here and not in the module
# of a region. Its roles are in the module, modules/replication/iam.tf.
#
# `existing_object_replication` is not used: AWS no longer takes it, and a rule copies only what is written after it.
# What is older is for a job of S3 Batch Replication, which is people's to start: its role and its command are in
# modules/replication/batch.tf. An engine that copied it instead would write at the target, and the rule back would
# carry every copy to the source again.

locals {
  # Replication time control carries 1 Gbps a bucket unless the quota is raised: 10.8 TB a day.
  rtc_days = ceil(var.data_size_tb * 8 * 1000 / 86400 * 10) / 10
}

module "replication_to_target" {
  count     = local.native ? 1 : 0
  source    = "./modules/replication"
  providers = { aws = aws.source }

  prefix                   = local.source_prefix
  rule_id                  = "to-target"
  from                     = { bucket = module.source.bucket_name, arn = module.source.bucket_arn, region = var.source_region, key = var.kms_key_arns.source }
  to                       = { arn = module.target.bucket_arn, region = var.target_region, key = var.kms_key_arns.target }
  enabled                  = true
  account_id               = local.sides.source.account_id
  permissions_boundary_arn = var.permissions_boundary_arn
  trust_source_account     = var.trust_source_account
  force_destroy            = var.force_destroy
}

module "replication_to_source" {
  count     = local.native ? 1 : 0
  source    = "./modules/replication"
  providers = { aws = aws.target }

  prefix  = local.target_prefix
  rule_id = "to-source"
  from    = { bucket = module.target.bucket_name, arn = module.target.bucket_arn, region = var.target_region, key = var.kms_key_arns.target }
  to      = { arn = module.source.bucket_arn, region = var.source_region, key = var.kms_key_arns.source }
  # A switch enables it when it is armed: before, what is written at the target by mistake stays there.
  enabled                  = var.reverse_replication_enabled
  account_id               = local.sides.target.account_id
  permissions_boundary_arn = var.permissions_boundary_arn
  trust_source_account     = var.trust_source_account
  force_destroy            = var.force_destroy
}

check "replication_time_control" {
  assert {
    condition     = !local.native || local.rtc_days <= 1
    error_message = "${var.data_size_tb} TB take ${local.rtc_days} days at the 1 Gbps that replication time control carries by default: have the quota \"S3 Replication Time Control maximum transfer rate\" raised in ${var.source_region} before the existing documents are replicated."
  }
}
