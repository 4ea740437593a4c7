# What validation may do: it reads both sides, and writes nothing but where it stands.

data "aws_iam_policy_document" "validation_stores" {
  statement {
    sid       = "LookAtBuckets"
    actions   = ["s3:ListBucket", "s3:GetBucketVersioning"]
    resources = local.buckets
  }

  # s3:GetObjectVersion reads the bytes of the very version compared.
  statement {
    sid       = "ReadDocuments"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectVersionTagging"]
    resources = local.documents
  }

  dynamic "statement" {
    for_each = length(local.keys) == 0 ? [] : [local.keys]
    content {
      sid       = "UseDocumentKeys"
      actions   = ["kms:Decrypt"]
      resources = statement.value
    }
  }

  statement {
    sid       = "LookAtTables"
    actions   = ["dynamodb:DescribeTable"]
    resources = concat(local.records, local.control)
  }

  statement {
    sid       = "ReadRecords"
    actions   = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Scan"]
    resources = local.records
  }

  # A validation raises the epoch of the passive side's gate, which after a cutover is the source's.
  dynamic "statement" {
    for_each = { for side, one in local.reached : side => one if side == "source" }
    content {
      sid       = "TurnPages"
      actions   = ["dynamodb:GetItem", "dynamodb:PutItem"]
      resources = [statement.value.control]
    }
  }

  # BatchGetItem asks for marks of what docferry wrote itself.
  dynamic "statement" {
    for_each = { for side, one in local.reached : side => one if side == "target" }
    content {
      sid       = "KeepLedger"
      actions   = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:PutItem"]
      resources = [statement.value.control]
    }
  }

  # While the runner is behind, a difference is given longer to go away by itself.
  statement {
    sid       = "CountWaitingChanges"
    actions   = ["sqs:GetQueueUrl", "sqs:GetQueueAttributes"]
    resources = flatten([for one in local.reached : [one.queue, one.queue_dead]])
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

data "aws_iam_policy_document" "validation_running" {
  # Lambda sends with the function's own role.
  statement {
    sid       = "SendWhatFailed"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.failures.arn]
  }

  statement {
    sid       = "WriteLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.validation.arn}:*"]
  }

  # X-Ray takes no resource for these.
  statement {
    sid       = "Trace"
    actions   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
    resources = ["*"]
  }

  dynamic "statement" {
    for_each = local.two_accounts ? [local.access_roles[local.peer_side]["validation"]] : []
    content {
      sid       = "ReachTheOtherAccount"
      actions   = ["sts:AssumeRole"]
      resources = [statement.value]
    }
  }
}

locals {
  validation_policies = {
    stores  = data.aws_iam_policy_document.validation_stores.json
    running = data.aws_iam_policy_document.validation_running.json
  }
}

resource "aws_iam_policy" "validation" {
  for_each = local.validation_policies

  name        = "${var.prefix}-iam-validation-${each.key}"
  description = "What validation in ${var.region} may do: ${each.key}"
  policy      = each.value
}

resource "aws_iam_role_policy_attachment" "validation" {
  for_each = local.validation_policies

  role       = aws_iam_role.validation.name
  policy_arn = aws_iam_policy.validation[each.key].arn
}
