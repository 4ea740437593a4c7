data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "S3Replicates"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    # Against the confused deputy. Optional, because no page of AWS says that S3 replication sends it.
    dynamic "condition" {
      for_each = var.trust_source_account ? [var.account_id] : []
      content {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [condition.value]
      }
    }
  }
}

data "aws_iam_policy_document" "replication" {
  statement {
    sid       = "ReadRules"
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [var.from.arn]
  }

  statement {
    sid       = "ReadVersions"
    actions   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"]
    resources = ["${var.from.arn}/*"]
  }

  statement {
    sid       = "WriteReplicas"
    actions   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    resources = ["${var.to.arn}/*"]
  }

  dynamic "statement" {
    for_each = compact([var.from.key])
    content {
      sid       = "DecryptVersions"
      actions   = ["kms:Decrypt"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${var.from.region}.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = compact([var.to.key])
    content {
      sid       = "EncryptReplicas"
      actions   = ["kms:Encrypt", "kms:GenerateDataKey"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "kms:ViaService"
        values   = ["s3.${var.to.region}.amazonaws.com"]
      }
    }
  }
}

resource "aws_iam_role" "replication" {
  name                 = "${var.prefix}-iam-replication"
  description          = "Replicates documents from ${var.from.region} to ${var.to.region}"
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

resource "aws_iam_policy" "replication" {
  name        = "${var.prefix}-iam-replication"
  description = "What S3 may do to replicate documents from ${var.from.region} to ${var.to.region}"
  policy      = data.aws_iam_policy_document.replication.json
}

resource "aws_iam_role_policy_attachment" "replication" {
  role       = aws_iam_role.replication.name
  policy_arn = aws_iam_policy.replication.arn
}
