# What data_sync may do. Several policies, because one may have 6,144 characters; and what concerns stores is apart from
# what concerns the function itself, because between accounts the other side's data_sync gets it, too (access.tf).

data "aws_iam_policy_document" "data_sync_documents" {
  statement {
    sid       = "LookAtBuckets"
    actions   = ["s3:ListBucket", "s3:GetBucketVersioning", "s3:GetBucketNotification"]
    resources = [for one in local.copied : one.bucket]
  }

  # Tags are read of the very version looked at; a copy reads those of the current one.
  statement {
    sid       = "ReadDocuments"
    actions   = ["s3:GetObject", "s3:GetObjectAttributes", "s3:GetObjectTagging", "s3:GetObjectVersionTagging"]
    resources = [for one in local.copied : one.documents]
  }

  # No s3:DeleteObjectVersion: nothing that was stored is ever removed for good. With tokens the worker roles write.
  dynamic "statement" {
    for_each = var.fencing_token_enabled ? [] : [local.documents]
    content {
      sid       = "WriteDocuments"
      actions   = ["s3:PutObject", "s3:PutObjectTagging", "s3:PutObjectVersionTagging", "s3:DeleteObject"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = var.fencing_token_enabled ? [local.buckets] : []
    content {
      sid       = "PutHeartbeats"
      actions   = ["s3:PutObject"]
      resources = [for one in statement.value : "${one}/.docferry/*"]
    }
  }

  # An upload in parts that cannot be completed leaves nothing behind, whoever began it.
  statement {
    sid       = "AbortUploads"
    actions   = ["s3:AbortMultipartUpload"]
    resources = local.documents
  }

  dynamic "statement" {
    for_each = length(local.keys) == 0 ? [] : [local.keys]
    content {
      sid       = "UseDocumentKeys"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = statement.value
    }
  }
}

data "aws_iam_policy_document" "data_sync_tables" {
  statement {
    sid       = "LookAtTables"
    actions   = ["dynamodb:DescribeTable"]
    resources = local.tables
  }

  statement {
    sid       = "ReadRecords"
    actions   = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Scan"]
    resources = local.records
  }

  dynamic "statement" {
    for_each = var.fencing_token_enabled ? [] : [local.records]
    content {
      sid       = "WriteRecords"
      actions   = ["dynamodb:PutItem", "dynamodb:DeleteItem"]
      resources = statement.value
    }
  }

  # Gates on both sides; the ledger and the marks of what docferry wrote on the target's.
  statement {
    sid       = "KeepGatesAndLedger"
    actions   = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem", "dynamodb:BatchWriteItem"]
    resources = local.control
  }

  dynamic "statement" {
    for_each = { for side, one in local.reached : side => one if side == "target" }
    content {
      sid       = "KeepConflicts"
      actions   = ["dynamodb:BatchWriteItem"]
      resources = [statement.value.conflicts]
    }
  }

  statement {
    sid       = "ReadAndNoteJournals"
    actions   = ["dynamodb:Query", "dynamodb:BatchWriteItem"]
    resources = local.journals
  }

  statement {
    sid       = "ReadStreams"
    actions   = ["dynamodb:DescribeStream", "dynamodb:GetShardIterator", "dynamodb:GetRecords"]
    resources = local.streams
  }

  # Lambda asks for it when it sets up the event source mapping; the action takes no resource.
  statement {
    sid       = "ListStreams"
    actions   = ["dynamodb:ListStreams"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "data_sync_feeds" {
  statement {
    sid       = "TakeChanges"
    resources = [for one in local.reached : one.queue]
    actions = [
      "sqs:GetQueueUrl",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
      "sqs:DeleteMessage",
      "sqs:ChangeMessageVisibility",
    ]
  }

  statement {
    sid       = "CountDeadLetters"
    actions   = ["sqs:GetQueueUrl", "sqs:GetQueueAttributes"]
    resources = [for one in local.reached : one.queue_dead]
  }

  dynamic "statement" {
    for_each = local.event_buses
    content {
      sid       = "PublishEvents"
      actions   = ["events:PutEvents"]
      resources = [statement.value]
    }
  }
}

data "aws_iam_policy_document" "data_sync_running" {
  # Lambda sends with the function's own role.
  statement {
    sid       = "SendWhatFailed"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.failures.arn]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.data_sync.arn}:*"]
  }

  # X-Ray takes no resource for these.
  statement {
    sid       = "Trace"
    actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    resources = ["*"]
  }
}

# Roles that it takes, of either account.
data "aws_iam_policy_document" "data_sync_roles" {
  dynamic "statement" {
    for_each = var.fencing_token_enabled ? [values(local.worker_roles)] : []
    content {
      sid       = "TakeTokens"
      actions   = ["sts:AssumeRole"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = var.hard_fence_enabled ? [values(local.probe_roles)] : []
    content {
      sid       = "Probe"
      actions   = ["sts:AssumeRole"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = local.two_accounts ? [local.access_roles[local.peer_side]["data-sync"]] : []
    content {
      sid       = "ReachTheOtherAccount"
      actions   = ["sts:AssumeRole"]
      resources = [statement.value]
    }
  }
}

locals {
  takes_roles = var.fencing_token_enabled || var.hard_fence_enabled || local.two_accounts

  data_sync_policies = merge(
    {
      documents = data.aws_iam_policy_document.data_sync_documents.json
      tables    = data.aws_iam_policy_document.data_sync_tables.json
      feeds     = data.aws_iam_policy_document.data_sync_feeds.json
      running   = data.aws_iam_policy_document.data_sync_running.json
    },
    var.hard_fence_enabled ? { fence = data.aws_iam_policy_document.data_sync_fence.json } : {},
    local.takes_roles ? { roles = data.aws_iam_policy_document.data_sync_roles.json } : {},
  )
}

resource "aws_iam_policy" "data_sync" {
  for_each = local.data_sync_policies

  name        = "${var.prefix}-iam-data-sync-${each.key}"
  description = "What data_sync in ${var.region} may do: ${each.key}"
  policy      = each.value
}

resource "aws_iam_role_policy_attachment" "data_sync" {
  for_each = local.data_sync_policies

  role       = aws_iam_role.data_sync.name
  policy_arn = aws_iam_policy.data_sync[each.key].arn
}
