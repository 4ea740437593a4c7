# Between two accounts: who of the other account may do what here. Either function has a role here that the other side's
# function of that name takes, with what this side's own may do with the stores of this side.

locals {
  two_accounts = var.sides.source.account_id != var.sides.target.account_id
  peer_side    = var.side == "source" ? "target" : "source"

  # What a role of this account reaches.
  reached = { for side, one in local.arn : side => one if !local.two_accounts || side == var.side }

  access_roles = {
    for side, one in var.sides : side => {
      for function in ["data-sync", "validation"] :
      function => "arn:${local.partition}:iam::${one.account_id}:role/${var.environment}-${one.region}-iam-access-${function}"
    }
  }
  access_sessions = var.endpoint_url == "" ? [] : [
    for side, one in var.sides : "arn:${local.partition}:sts::${one.account_id}:assumed-role/${var.environment}-${one.region}-iam-access-*/*"
  ]

  # Named by a condition and not as a principal, because either side is made first. The root stands for the account; its
  # own root user is none of those that conditions name.
  own_root  = "arn:${local.partition}:iam::${local.own.account_id}:root"
  peer_root = "arn:${local.partition}:iam::${local.peer.account_id}:root"
  trusted_accounts = concat(
    [{ root = local.own_root, external_id = "" }],
    local.two_accounts ? [{ root = local.peer_root, external_id = var.external_id }] : [],
  )

  # Which of the other side's roles copy from this side's bucket.
  copiers = var.fencing_token_enabled ? concat([local.worker_roles[local.peer_side]], local.worker_sessions) : concat(
    [local.access_roles[local.peer_side]["data-sync"]], local.data_sync_roles, local.data_sync_sessions, local.access_sessions,
  )

  access_policies = !local.two_accounts ? {} : merge(
    {
      for name in concat(["documents", "tables", "feeds"], var.hard_fence_enabled ? ["fence"] : []) :
      "data-sync-${name}" => { role = "data-sync", arn = aws_iam_policy.data_sync[name].arn }
    },
    { "validation-stores" = { role = "validation", arn = aws_iam_policy.validation["stores"].arn } },
  )

  access_environment = {
    for function in ["data-sync", "validation"] : function => !local.two_accounts ? {} : {
      "DOCFERRY_${upper(local.peer_side)}__ROLE"        = local.access_roles[local.peer_side][function]
      "DOCFERRY_${upper(local.peer_side)}__EXTERNAL_ID" = var.external_id
    }
  }
}

data "aws_iam_policy_document" "trust_access" {
  for_each = local.two_accounts ? local.access_roles[var.side] : {}

  statement {
    sid     = "FunctionOfTheOtherAccount"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [local.peer_root]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values = concat(
        ["arn:${local.partition}:iam::${local.peer.account_id}:role/${var.environment}-${local.peer.region}-iam-${each.key}"],
        var.endpoint_url == "" ? [] : ["arn:${local.partition}:sts::${local.peer.account_id}:assumed-role/${var.environment}-${local.peer.region}-iam-${each.key}/*"],
      )
    }

    # Against the confused deputy: whoever gets that function to assume a role of his choice does not know it.
    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

resource "aws_iam_role" "access" {
  for_each = local.two_accounts ? local.access_roles[var.side] : {}

  name                 = "${var.prefix}-iam-access-${each.key}"
  description          = "What ${each.key} of the other account may do with the stores in ${var.region}"
  assume_role_policy   = data.aws_iam_policy_document.trust_access[each.key].json
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "access" {
  for_each = local.access_policies

  role       = aws_iam_role.access[each.value.role].name
  policy_arn = each.value.arn
}

# A copy is one request: the other side's worker reads here with its own credentials, and no role of ours replaces that.
data "aws_iam_policy_document" "copies" {
  statement {
    sid       = "LookForDocumentsToCopy"
    actions   = ["s3:ListBucket"]
    resources = [local.bucket.arn]

    principals {
      type        = "AWS"
      identifiers = [local.peer_root]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = local.copiers
    }
  }

  statement {
    sid       = "CopyDocuments"
    actions   = ["s3:GetObject", "s3:GetObjectTagging"]
    resources = ["${local.bucket.arn}/*"]

    principals {
      type        = "AWS"
      identifiers = [local.peer_root]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:PrincipalArn"
      values   = local.copiers
    }
  }
}
