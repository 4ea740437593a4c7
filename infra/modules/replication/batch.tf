# What a job of S3 Batch Replication needs: a rule copies only what is written after it, and a job what is older or has
# failed. Terraform has no resource for a job. Its command is an output (`batch_job`), for people to run; there are a
# role for it, and a bucket for its manifest and its report.
#
# The policy is AWS's for a manifest that S3 generates and stores:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-policies.html

locals {
  # Made of names, and not asked of the resources: so the command is to be seen in a plan.
  batch_role_arn = "arn:${data.aws_partition.current.partition}:iam::${var.account_id}:role/${var.prefix}-iam-batch"

  batch_job = {
    AccountId = var.account_id
    RoleArn   = local.batch_role_arn
    Priority  = 1
    # It waits until somebody has seen how many objects it found: update-job-status lets it begin.
    ConfirmationRequired = true
    Description          = "docferry ${var.prefix} ${var.rule_id}"
    Operation            = { S3ReplicateObject = {} }
    ManifestGenerator = {
      S3JobManifestGenerator = {
        ExpectedBucketOwner  = var.account_id
        SourceBucket         = "arn:${data.aws_partition.current.partition}:s3:::${var.from.bucket}"
        EnableManifestOutput = true
        ManifestOutputLocation = {
          ExpectedManifestBucketOwner = var.account_id
          Bucket                      = local.reports_arn
          ManifestPrefix              = "manifests"
          ManifestEncryption          = { SSES3 = {} }
          ManifestFormat              = "S3InventoryReport_CSV_20211130"
        }
        # Neither what was replicated already, nor what came from the other side.
        Filter = { EligibleForReplication = true, ObjectReplicationStatuses = ["NONE", "FAILED"] }
      }
    }
    Report = {
      Enabled             = true
      Bucket              = local.reports_arn
      ExpectedBucketOwner = var.account_id
      Prefix              = "reports"
      Format              = "Report_CSV_20180820"
      ReportScope         = "FailedTasksOnly"
    }
  }
}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "trust_batch" {
  statement {
    sid     = "BatchOperationsReplicates"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["batchoperations.s3.amazonaws.com"]
    }

    # Against the confused deputy. No page of AWS shows it for this role: if a job fails because of it, it does so
    # before it has touched anything.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
  }
}

data "aws_iam_policy_document" "batch" {
  statement {
    sid       = "ReplicateExisting"
    actions   = ["s3:InitiateReplication"]
    resources = ["${var.from.arn}/*"]
  }

  statement {
    sid       = "GenerateManifest"
    actions   = ["s3:GetReplicationConfiguration", "s3:PutInventoryConfiguration"]
    resources = [var.from.arn]
  }

  statement {
    sid       = "ReadManifest"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${local.reports_arn}/manifests/*"]
  }

  statement {
    sid       = "WriteManifestAndReport"
    actions   = ["s3:PutObject"]
    resources = ["${local.reports_arn}/manifests/*", "${local.reports_arn}/reports/*"]
  }
}

resource "aws_iam_role" "batch" {
  name                 = "${var.prefix}-iam-batch"
  description          = "Replicates what is older than the rule from ${var.from.region} to ${var.to.region}"
  assume_role_policy   = data.aws_iam_policy_document.trust_batch.json
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

resource "aws_iam_policy" "batch" {
  name        = "${var.prefix}-iam-batch"
  description = "What a job of S3 Batch Replication from ${var.from.region} may do"
  policy      = data.aws_iam_policy_document.batch.json
}

resource "aws_iam_role_policy_attachment" "batch" {
  role       = aws_iam_role.batch.name
  policy_arn = aws_iam_policy.batch.arn
}
