# AWS Backup in both regions: a vault in each, daily and weekly backups of the tables of this deployment, and of its
# buckets where backup_documents says so, and a copy of each backup in the other region's vault.
#
# What documents cost, at backup_price_usd's prices: a GB of S3 backup is 0.05 USD a month (twice what the document itself
# costs), and a copy is another one, plus 0.02 USD once to carry it. Backups are incremental, so that retention adds little to it.
# With 500 TB in both regions, each with its copy in the other:
#   4 × 500,000 GB × 0.05 USD = 100,000 USD a month, and 2 × 500,000 GB × 0.02 USD = 20,000 USD once.
# Beside that come a request or two for each document, a first backup that takes days, and S3's own versions, which are
# there already, in two regions. The tables alone cost next to nothing.
#
# AWS Backup takes S3, and copies DynamoDB to another region, only where the account has opted in (S3; advanced features
# for DynamoDB), in each region. That is one setting for the whole account, so that this stack leaves it alone:
# https://docs.aws.amazon.com/aws-backup/latest/devguide/service-opt-in.html

locals {
  backup_vaults = {
    source = "${local.source_prefix}-backup-vault"
    target = "${local.target_prefix}-backup-vault"
  }

  backup_rules = {
    daily  = { schedule = "cron(0 3 * * ? *)", days = var.backup_daily_retention_days }
    weekly = { schedule = "cron(0 5 ? * SUN *)", days = var.backup_weekly_retention_days }
  }

  backup_patterns = concat(
    ["arn:${data.aws_partition.current.partition}:dynamodb:*:*:table/*"],
    var.backup_documents ? ["arn:${data.aws_partition.current.partition}:s3:::*"] : [],
  )

  # Both sides hold all documents, and each has its backup and a copy of it.
  backup_gb          = var.backup_documents ? var.data_size_tb * 1000 : 0
  backup_monthly_usd = 4 * local.backup_gb * var.backup_price_usd.gb_month
  backup_once_usd    = 2 * local.backup_gb * var.backup_price_usd.gb_copied

  backup_policies = toset(concat(
    !var.backup_enabled ? [] : [
      "service-role/AWSBackupServiceRolePolicyForBackup",
      "service-role/AWSBackupServiceRolePolicyForRestores",
    ],
    # S3 is in neither of the two above.
    !var.backup_documents ? [] : [
      "AWSBackupServiceRolePolicyForS3Backup",
      "AWSBackupServiceRolePolicyForS3Restore",
    ],
  ))
}

check "backup_cost" {
  assert {
    condition     = local.backup_monthly_usd <= var.backup_monthly_budget_usd
    error_message = "Backups of ${var.data_size_tb} TB would take about ${format("%.0f", local.backup_monthly_usd)} USD a month and ${format("%.0f", local.backup_once_usd)} USD once (prices as of ${var.backup_price_usd.as_of}), more than backup_monthly_budget_usd. Raise it if that is what you want, or set backup_documents = false: both buckets keep versions anyway."
  }
}

resource "aws_backup_vault" "source" {
  count    = var.backup_enabled ? 1 : 0
  provider = aws.source

  name          = local.backup_vaults.source
  force_destroy = var.force_destroy
}

resource "aws_backup_vault" "target" {
  count    = var.backup_enabled ? 1 : 0
  provider = aws.target

  name          = local.backup_vaults.target
  force_destroy = var.force_destroy
}

resource "aws_backup_plan" "source" {
  count    = var.backup_enabled ? 1 : 0
  provider = aws.source

  name = "${local.source_prefix}-backup-plan"

  dynamic "rule" {
    for_each = local.backup_rules
    content {
      rule_name         = rule.key
      target_vault_name = aws_backup_vault.source[0].name
      schedule          = rule.value.schedule
      start_window      = 60
      # The first backup of a large bucket takes days.
      completion_window = 7 * 24 * 60

      lifecycle {
        delete_after = rule.value.days
      }

      dynamic "copy_action" {
        for_each = local.two_accounts ? [] : [aws_backup_vault.target[0].arn]
        content {
          destination_vault_arn = copy_action.value

          lifecycle {
            delete_after = rule.value.days
          }
        }
      }
    }
  }
}

resource "aws_backup_plan" "target" {
  count    = var.backup_enabled ? 1 : 0
  provider = aws.target

  name = "${local.target_prefix}-backup-plan"

  dynamic "rule" {
    for_each = local.backup_rules
    content {
      rule_name         = rule.key
      target_vault_name = aws_backup_vault.target[0].name
      schedule          = rule.value.schedule
      start_window      = 60
      completion_window = 7 * 24 * 60

      lifecycle {
        delete_after = rule.value.days
      }

      dynamic "copy_action" {
        for_each = local.two_accounts ? [] : [aws_backup_vault.source[0].arn]
        content {
          destination_vault_arn = copy_action.value

          lifecycle {
            delete_after = rule.value.days
          }
        }
      }
    }
  }
}

# Selected by tags that everything of this deployment carries. An adopted bucket or table is backed up once its owner
# tags it so.
resource "aws_backup_selection" "source" {
  count    = var.backup_enabled ? 1 : 0
  provider = aws.source

  name         = "${local.source_prefix}-backup-selection"
  plan_id      = aws_backup_plan.source[0].id
  iam_role_arn = aws_iam_role.source_backup[0].arn
  resources    = local.backup_patterns

  condition {
    string_equals {
      key   = "aws:ResourceTag/project"
      value = local.tags.project
    }

    string_equals {
      key   = "aws:ResourceTag/environment"
      value = local.tags.environment
    }
  }

  depends_on = [aws_iam_role_policy_attachment.source_backup]
}

resource "aws_backup_selection" "target" {
  count    = var.backup_enabled ? 1 : 0
  provider = aws.target

  name         = "${local.target_prefix}-backup-selection"
  plan_id      = aws_backup_plan.target[0].id
  iam_role_arn = aws_iam_role.target_backup[0].arn
  resources    = local.backup_patterns

  condition {
    string_equals {
      key   = "aws:ResourceTag/project"
      value = local.tags.project
    }

    string_equals {
      key   = "aws:ResourceTag/environment"
      value = local.tags.environment
    }
  }

  depends_on = [aws_iam_role_policy_attachment.target_backup]
}

# A role for each side: the sides may be in two accounts.

data "aws_iam_policy_document" "backup_trust" {
  for_each = {
    source = data.aws_caller_identity.source.account_id
    target = data.aws_caller_identity.target.account_id
  }
  provider = aws.target

  statement {
    sid     = "Backup"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["backup.amazonaws.com"]
    }

    # Against the confused deputy: https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-service-confused-deputy-prevention.html
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [each.value]
    }
  }
}

resource "aws_iam_role" "source_backup" {
  count    = var.backup_enabled ? 1 : 0
  provider = aws.source

  name                 = "${local.source_prefix}-iam-backup"
  description          = "What AWS Backup may do with the stores of the source."
  assume_role_policy   = data.aws_iam_policy_document.backup_trust["source"].json
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

resource "aws_iam_role" "target_backup" {
  count    = var.backup_enabled ? 1 : 0
  provider = aws.target

  name                 = "${local.target_prefix}-iam-backup"
  description          = "What AWS Backup may do with the stores of the target."
  assume_role_policy   = data.aws_iam_policy_document.backup_trust["target"].json
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

# AWS's own policies, as AWS documents them for backups that are selected by tag.
resource "aws_iam_role_policy_attachment" "source_backup" {
  for_each = local.backup_policies
  provider = aws.source

  role       = aws_iam_role.source_backup[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.value}"
}

resource "aws_iam_role_policy_attachment" "target_backup" {
  for_each = local.backup_policies
  provider = aws.target

  role       = aws_iam_role.target_backup[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.value}"
}
