# Backups both ways, and what they would cost.

mock_provider "aws" {
  alias           = "source"
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "target"
  source          = "./tests/mocks"
  override_during = plan
}

override_resource {
  target          = aws_backup_vault.source
  override_during = plan
  values          = { arn = "arn:aws:backup:us-east-1:111122223333:backup-vault:demo-us-east-1-backup-vault" }
}

override_resource {
  target          = aws_backup_vault.target
  override_during = plan
  values          = { arn = "arn:aws:backup:eu-west-1:111122223333:backup-vault:demo-eu-west-1-backup-vault" }
}

variables {
  environment    = "demo"
  source_region  = "us-east-1"
  target_region  = "eu-west-1"
  cutover_date   = "2026-03-28"
  lambda_package = "tests/fixtures/package.zip"
}

run "both_ways" {
  command = plan

  variables {
    backup_documents             = true
    backup_daily_retention_days  = 7
    backup_weekly_retention_days = 30
    force_destroy                = true
    data_size_tb                 = 0.5
  }

  assert {
    condition = (
      aws_backup_vault.source[0].name == "demo-us-east-1-backup-vault" && aws_backup_vault.source[0].force_destroy &&
      aws_backup_vault.target[0].name == "demo-eu-west-1-backup-vault" && aws_backup_vault.target[0].force_destroy
    )
    error_message = "There must be a vault in each region, which goes when all else goes."
  }

  assert {
    condition = alltrue([
      for plan in [aws_backup_plan.source[0], aws_backup_plan.target[0]] :
      { for rule in plan.rule : rule.rule_name => [for one in concat(tolist(rule.lifecycle), flatten([for copy in rule.copy_action : copy.lifecycle])) : one.delete_after] } == { daily = [7, 7], weekly = [30, 30] }
    ])
    error_message = "Daily and weekly backups and their copies must be kept as long as the variables say."
  }

  assert {
    condition = (
      alltrue([for rule in aws_backup_plan.source[0].rule : rule.target_vault_name == "demo-us-east-1-backup-vault" && one(rule.copy_action).destination_vault_arn == "arn:aws:backup:eu-west-1:111122223333:backup-vault:demo-eu-west-1-backup-vault"]) &&
      alltrue([for rule in aws_backup_plan.target[0].rule : rule.target_vault_name == "demo-eu-west-1-backup-vault" && one(rule.copy_action).destination_vault_arn == "arn:aws:backup:us-east-1:111122223333:backup-vault:demo-us-east-1-backup-vault"])
    )
    error_message = "Each region's backups must be copied into the other's vault."
  }

  assert {
    condition = alltrue([
      for selection in [aws_backup_selection.source[0], aws_backup_selection.target[0]] :
      { for one in one(selection.condition).string_equals : one.key => one.value } == { "aws:ResourceTag/project" = "docferry", "aws:ResourceTag/environment" = "demo" } &&
      toset(selection.resources) == toset(["arn:aws:s3:::*", "arn:aws:dynamodb:*:*:table/*"])
    ])
    error_message = "What is backed up must be selected by this deployment's tags."
  }

  assert {
    condition = toset([for one in aws_iam_role_policy_attachment.source_backup : one.policy_arn]) == toset([
      "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
      "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForRestores",
      "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup",
      "arn:aws:iam::aws:policy/AWSBackupServiceRolePolicyForS3Restore",
    ]) && keys(aws_iam_role_policy_attachment.target_backup) == keys(aws_iam_role_policy_attachment.source_backup)
    error_message = "Both roles need AWS's four policies: S3 is not in the general two."
  }

  assert {
    condition     = alltrue([for document in data.aws_iam_policy_document.backup_trust : one(document.statement[0].condition).variable == "aws:SourceAccount"])
    error_message = "The roles must be trusted for this account's backups only."
  }

  assert {
    condition     = output.backup_monthly_usd == 100
    error_message = "500 GB in four copies at 0.05 USD are 100 USD a month."
  }
}

run "five_hundred_terabytes" {
  command = plan

  variables {
    backup_documents = true
    data_size_tb     = 500
  }

  # As in the comment in backup.tf.
  assert {
    condition     = output.backup_monthly_usd == 100000 && local.backup_once_usd == 20000
    error_message = "The cost that backup.tf states must be what it computes."
  }

  expect_failures = [check.backup_cost]
}

run "of_tables_unless_told_otherwise" {
  command = plan

  variables {
    data_size_tb = 500
  }

  assert {
    condition = (
      toset(aws_backup_selection.source[0].resources) == toset(["arn:aws:dynamodb:*:*:table/*"]) &&
      toset(aws_backup_selection.target[0].resources) == toset(["arn:aws:dynamodb:*:*:table/*"])
    )
    error_message = "Documents must be backed up only where that was asked for."
  }

  assert {
    condition     = alltrue([for one in concat(values(aws_iam_role_policy_attachment.source_backup), values(aws_iam_role_policy_attachment.target_backup)) : !strcontains(one.policy_arn, "S3")])
    error_message = "Who backs up no documents must not be allowed to read them."
  }

  assert {
    condition     = output.backup_monthly_usd == 0
    error_message = "What is not backed up costs nothing."
  }
}

run "without_it" {
  command = plan

  variables {
    backup_enabled = false
    data_size_tb   = 500
  }

  assert {
    condition = (
      length(aws_backup_vault.source) + length(aws_backup_vault.target) + length(aws_backup_plan.source) + length(aws_backup_selection.target) +
      length(aws_iam_role.source_backup) + length(aws_iam_role_policy_attachment.target_backup) + length(aws_cloudwatch_metric_alarm.source_backup) == 0 &&
      output.backup_monthly_usd == 0 && output.source_backup_vault == ""
    )
    error_message = "backup_enabled = false must leave nothing of it, and cost nothing."
  }
}

run "bad_values" {
  command = plan

  variables {
    backup_enabled               = false
    backup_documents             = true
    backup_daily_retention_days  = 14
    backup_weekly_retention_days = 7
    backup_monthly_budget_usd    = -1
  }

  expect_failures = [var.backup_documents, var.backup_weekly_retention_days, var.backup_monthly_budget_usd]
}
