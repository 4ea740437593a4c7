locals {
  source_prefix = "${var.environment}-${var.source_region}"
  target_prefix = "${var.environment}-${var.target_region}"

  # Asked for between two accounts only.
  two_accounts = data.aws_caller_identity.source.account_id != data.aws_caller_identity.target.account_id
  external_id  = local.two_accounts ? var.external_id : ""

  native   = var.replication == "native"
  emulated = var.endpoint_url != ""

  # A replica of a global table has the same name in every region.
  records_tables = {
    source = coalesce(var.existing_source.table, local.native ? "${var.environment}-dynamodb-records" : "${local.source_prefix}-dynamodb-records")
    target = local.native ? coalesce(var.existing_source.table, "${var.environment}-dynamodb-records") : "${local.target_prefix}-dynamodb-records"
  }

  # What docferry's settings name for each side: functions of either side use the stores of both.
  sides = {
    source = {
      region          = var.source_region
      account_id      = data.aws_caller_identity.source.account_id
      bucket          = coalesce(var.existing_source.bucket, "${local.source_prefix}-s3-documents")
      table           = local.records_tables.source
      queue           = "${local.source_prefix}-sqs-changes"
      control_table   = "${local.source_prefix}-dynamodb-control"
      conflicts_table = "${local.source_prefix}-dynamodb-conflicts"
      journal_table   = "${local.source_prefix}-dynamodb-journal"
    }
    target = {
      region          = var.target_region
      account_id      = data.aws_caller_identity.target.account_id
      bucket          = "${local.target_prefix}-s3-documents"
      table           = local.records_tables.target
      queue           = "${local.target_prefix}-sqs-changes"
      control_table   = "${local.target_prefix}-dynamodb-control"
      conflicts_table = "${local.target_prefix}-dynamodb-conflicts"
      journal_table   = "${local.target_prefix}-dynamodb-journal"
    }
  }

  tags = {
    project         = "docferry"
    environment     = var.environment
    migration-phase = var.migration_phase
    cutover-date    = var.cutover_date
    managed-by      = "terraform"
  }
}
