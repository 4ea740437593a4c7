# The fencing token: a role that writes documents, records and what a switch turns, at this side only. Whoever holds a
# lease assumes it for a session whose own policy ends soon; what such a session sends too late, no store takes.

locals {
  worker_roles = {
    for side, one in var.sides : side => "arn:${local.partition}:iam::${one.account_id}:role/${var.environment}-${one.region}-iam-worker"
  }
  # A session's ARN is another than its role's where an emulator says so.
  worker_sessions = var.endpoint_url == "" ? [] : [
    for side, one in var.sides : "arn:${local.partition}:sts::${one.account_id}:assumed-role/${var.environment}-${one.region}-iam-worker/*"
  ]

  worker_environment = !var.fencing_token_enabled ? {} : {
    DOCFERRY_SOURCE__WORKER_ROLE = local.worker_roles.source
    DOCFERRY_TARGET__WORKER_ROLE = local.worker_roles.target
  }
}

data "aws_iam_policy_document" "worker" {
  # Without it S3 does not say that a document is gone, but denies it.
  statement {
    sid       = "LookAtBuckets"
    actions   = ["s3:ListBucket"]
    resources = [for one in local.arn : one.bucket]
  }

  # A copy is one request that reads on the other side.
  statement {
    sid       = "ReadDocuments"
    actions   = ["s3:GetObject", "s3:GetObjectTagging"]
    resources = [for one in local.arn : one.documents]
  }

  # No s3:DeleteObjectVersion: nothing that was stored is ever removed for good.
  statement {
    sid       = "WriteDocuments"
    resources = [local.arn[var.side].documents]
    actions = [
      "s3:PutObject",
      "s3:PutObjectTagging",
      "s3:PutObjectVersionTagging",
      "s3:DeleteObject",
    ]
  }

  dynamic "statement" {
    for_each = length(compact(values(var.kms_key_arns))) == 0 ? [] : [compact(values(var.kms_key_arns))]
    content {
      sid       = "UseDocumentKeys"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = statement.value
    }
  }

  statement {
    sid       = "WriteRecords"
    actions   = ["dynamodb:PutItem", "dynamodb:DeleteItem"]
    resources = [local.arn[var.side].records]
  }

  statement {
    sid       = "TurnGatesAndNoteSwitches"
    actions   = ["dynamodb:PutItem"]
    resources = [local.arn[var.side].control]
  }
}

resource "aws_iam_role" "worker" {
  count                = var.fencing_token_enabled ? 1 : 0
  name                 = "${var.prefix}-iam-worker"
  description          = "Writes at this side, in sessions that end by themselves"
  assume_role_policy   = data.aws_iam_policy_document.trust_data_sync["worker"].json
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

resource "aws_iam_policy" "worker" {
  count       = var.fencing_token_enabled ? 1 : 0
  name        = "${var.prefix}-iam-worker"
  description = "What may be written in ${var.region} under a lease"
  policy      = data.aws_iam_policy_document.worker.json
}

resource "aws_iam_role_policy_attachment" "worker" {
  count      = var.fencing_token_enabled ? 1 : 0
  role       = aws_iam_role.worker[0].name
  policy_arn = aws_iam_policy.worker[0].arn
}
