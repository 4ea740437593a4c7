# The hard fence: who may deny writes to the stores around a switch, and the role that probes whether they are denied.
# The statements themselves are put into the policies by a switch and taken out again, never by Terraform.

locals {
  fence_exempt = concat(
    local.data_sync_roles,
    local.data_sync_sessions,
    var.fencing_token_enabled ? concat(values(local.worker_roles), local.worker_sessions) : [],
    local.two_accounts ? concat([for one in local.access_roles : one["data-sync"]], local.access_sessions) : [],
    tolist(var.operator_arns),
    tolist(var.fence_exempt_arns),
  )
  probe_roles = {
    for side, one in var.sides : side => "arn:${local.partition}:iam::${one.account_id}:role/${var.environment}-${one.region}-iam-probe"
  }

  fence_environment = !var.hard_fence_enabled ? {} : {
    DOCFERRY_SOURCE__PROBE_ROLE = local.probe_roles.source
    DOCFERRY_TARGET__PROBE_ROLE = local.probe_roles.target
    DOCFERRY_FENCE__EXEMPT      = jsonencode(local.fence_exempt)
  }
}

# Whoever may change a bucket's policy may open the bucket: nothing but the fence needs it, so that it comes with it.
data "aws_iam_policy_document" "data_sync_fence" {
  statement {
    sid       = "ChangeBucketPolicies"
    actions   = ["s3:GetBucketLocation", "s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"]
    resources = local.buckets
  }

  statement {
    sid       = "ChangeTablePolicies"
    actions   = ["dynamodb:GetResourcePolicy", "dynamodb:PutResourcePolicy", "dynamodb:DeleteResourcePolicy"]
    resources = local.records
  }
}

# What an application may do and docferry itself is exempt from. Its probes write nothing: their conditions never hold.
data "aws_iam_policy_document" "probe" {
  statement {
    sid       = "ProbeDocuments"
    actions   = ["s3:PutObject"]
    resources = ["${local.bucket.arn}/.docferry/heartbeat"]
  }

  statement {
    sid       = "ProbeRecords"
    actions   = ["dynamodb:PutItem"]
    resources = [local.arn[var.side].records]
  }
}

resource "aws_iam_role" "probe" {
  count                = var.hard_fence_enabled ? 1 : 0
  name                 = "${var.prefix}-iam-probe"
  description          = "Finds out whether the hard fence denies writes"
  assume_role_policy   = data.aws_iam_policy_document.trust_data_sync["probe"].json
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

resource "aws_iam_policy" "probe" {
  count       = var.hard_fence_enabled ? 1 : 0
  name        = "${var.prefix}-iam-probe"
  description = "What the probe of the hard fence in ${var.region} may do"
  policy      = data.aws_iam_policy_document.probe.json
}

resource "aws_iam_role_policy_attachment" "probe" {
  count      = var.hard_fence_enabled ? 1 : 0
  role       = aws_iam_role.probe[0].name
  policy_arn = aws_iam_policy.probe[0].arn
}
