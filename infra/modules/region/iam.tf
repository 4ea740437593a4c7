# One role per function, with what that function does and nothing else. Either function works on both sides, because
# rollback is cutover with the sides exchanged; between accounts, on the other side by a role there (access.tf). Every
# statement names the resources; where AWS takes no name, it says so.

locals {
  arn = {
    for side, one in var.sides : side => {
      bucket     = "arn:${local.partition}:s3:::${one.bucket}"
      documents  = "arn:${local.partition}:s3:::${one.bucket}/*"
      records    = "arn:${local.partition}:dynamodb:${one.region}:${one.account_id}:table/${one.table}"
      control    = "arn:${local.partition}:dynamodb:${one.region}:${one.account_id}:table/${one.control_table}"
      conflicts  = "arn:${local.partition}:dynamodb:${one.region}:${one.account_id}:table/${one.conflicts_table}"
      journal    = "arn:${local.partition}:dynamodb:${one.region}:${one.account_id}:table/${one.journal_table}"
      queue      = "arn:${local.partition}:sqs:${one.region}:${one.account_id}:${one.queue}"
      queue_dead = "arn:${local.partition}:sqs:${one.region}:${one.account_id}:${one.queue}-dead"
    }
  }

  # Of the sides that a role of this account reaches.
  buckets   = [for one in local.reached : one.bucket]
  documents = [for one in local.reached : one.documents]
  records   = [for one in local.reached : one.records]
  control   = [for one in local.reached : one.control]
  journals  = [for one in local.reached : one.journal]
  tables    = flatten([for one in local.reached : [one.records, one.control, one.conflicts, one.journal]])
  # A stream's name ends with the moment at which it was enabled.
  streams = [for one in local.reached : "${one.records}/stream/*"]
  # A copy reads one bucket and writes the other with the same credentials, whoever owns them.
  copied = [for side, one in local.arn : one if contains(keys(local.reached), side) || !var.fencing_token_enabled]
  keys   = compact([for side, one in var.kms_key_arns : one if contains(keys(local.reached), side) || !var.fencing_token_enabled])

  # Both sides' functions work on both sides. A session's ARN is another than its role's where an emulator says so.
  data_sync_roles = [
    for side, one in var.sides : "arn:${local.partition}:iam::${one.account_id}:role/${var.environment}-${one.region}-iam-data-sync"
  ]
  data_sync_sessions = var.endpoint_url == "" ? [] : [
    for side, one in var.sides : "arn:${local.partition}:sts::${one.account_id}:assumed-role/${var.environment}-${one.region}-iam-data-sync/*"
  ]

  partition = data.aws_partition.current.partition
  # On the target's side.
  event_buses = var.event_bus_name == "" || !contains(keys(local.reached), "target") ? [] : [local.event_bus]
  event_bus   = "arn:${local.partition}:events:${var.sides.target.region}:${var.sides.target.account_id}:event-bus/${var.event_bus_name}"
}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust_lambda" {
  statement {
    sid     = "LambdaRunsFunctions"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }

    # Against the confused deputy. Optional, because no page of AWS says that Lambda sends it for execution roles.
    dynamic "condition" {
      for_each = var.trust_source_account ? [local.own.account_id] : []
      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [condition.value]
      }
    }
  }
}

# Of the roles that data_sync and operators take, by what a session of theirs has to be called.
data "aws_iam_policy_document" "trust_data_sync" {
  # CloudTrail then tells under which epoch of the gate a worker wrote something.
  for_each = { probe = [], worker = ["epoch-*"] }

  dynamic "statement" {
    for_each = local.trusted_accounts
    content {
      sid     = statement.value.external_id == "" ? "OfThisAccount" : "OfTheOtherAccount"
      actions = ["sts:AssumeRole"]

      principals {
        type        = "AWS"
        identifiers = [statement.value.root]
      }

      # Those who carry, and nobody else of the account.
      condition {
        test     = "ArnLike"
        variable = "aws:PrincipalArn"
        values   = concat(local.data_sync_roles, local.data_sync_sessions, tolist(var.operator_arns))
      }

      dynamic "condition" {
        for_each = length(each.value) == 0 ? [] : [each.value]
        content {
          test     = "StringLike"
          variable = "sts:RoleSessionName"
          values   = condition.value
        }
      }

      dynamic "condition" {
        for_each = compact([statement.value.external_id])
        content {
          test     = "StringEquals"
          variable = "sts:ExternalId"
          values   = [condition.value]
        }
      }
    }
  }
}

resource "aws_iam_role" "data_sync" {
  name                 = "${var.prefix}-iam-data-sync"
  description          = "Carries changes, fills the other side and turns the gates"
  assume_role_policy   = data.aws_iam_policy_document.trust_lambda.json
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

resource "aws_iam_role" "validation" {
  name                 = "${var.prefix}-iam-validation"
  description          = "Compares both sides"
  assume_role_policy   = data.aws_iam_policy_document.trust_lambda.json
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}
