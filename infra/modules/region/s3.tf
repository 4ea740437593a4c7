# The bucket of documents. Where one is adopted, nothing here is created but data: each of these resources is one
# setting of the whole bucket, so that creating it would overwrite the owner's and destroying it would remove it.

locals {
  created   = var.adopted.bucket ? 0 : 1
  completed = var.migration_phase == "completed"
  kms_key   = var.kms_key_arns[var.side]

  # Documents stay in their storage class until the migration is completed: a transition looks like a difference.
  archive_class = { source = "STANDARD_IA", target = "INTELLIGENT_TIERING" }[var.side]
}

data "aws_s3_bucket" "adopted" {
  count  = var.adopted.bucket ? 1 : 0
  bucket = local.own.bucket

  lifecycle {
    postcondition {
      condition     = self.region == var.region
      error_message = "The bucket ${self.bucket} is in ${self.region}, not in ${var.region}: correct ${var.side}_region or existing_source.bucket."
    }
  }
}

resource "aws_s3_bucket" "documents" {
  count         = local.created
  bucket        = local.own.bucket
  force_destroy = var.force_destroy
}

resource "aws_s3_bucket_versioning" "documents" {
  count  = local.created
  bucket = aws_s3_bucket.documents[0].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "documents" {
  count  = local.created
  bucket = aws_s3_bucket.documents[0].id

  rule {
    # Saves requests to KMS where there is a key; with SSE-S3 it changes nothing.
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = local.kms_key == "" ? "AES256" : "aws:kms"
      kms_master_key_id = local.kms_key == "" ? null : local.kms_key
    }
  }
}

resource "aws_s3_bucket_public_access_block" "documents" {
  count  = local.created
  bucket = aws_s3_bucket.documents[0].id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "documents" {
  count  = local.created
  bucket = aws_s3_bucket.documents[0].id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

data "aws_iam_policy_document" "documents" {
  source_policy_documents = local.two_accounts ? [data.aws_iam_policy_document.copies.json] : []

  statement {
    sid    = "TlsOnly"
    effect = "Deny"
    # The one place for a wildcard: it denies, and whatever S3 learns to do is to be denied without TLS too.
    actions   = ["s3:*"]
    resources = [local.bucket.arn, "${local.bucket.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_s3_bucket_policy" "documents" {
  count  = local.created
  bucket = aws_s3_bucket.documents[0].id
  policy = data.aws_iam_policy_document.documents.json

  # A public policy, and any policy while the block is being set, would be refused.
  depends_on = [aws_s3_bucket_public_access_block.documents]

  lifecycle {
    # A switch adds its fence to the policy and takes it away again. No apply must lift a fence that stands.
    ignore_changes = [policy]
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "documents" {
  count  = local.created
  bucket = aws_s3_bucket.documents[0].id

  rule {
    id     = "abort-incomplete-uploads"
    status = "Enabled"

    filter {}

    # A copy in parts that was cut off holds no document, and is paid for all the same.
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  rule {
    id = "expire-noncurrent-versions"
    # Not before: what docferry overwrites or deletes that it did not write itself is kept as a noncurrent version.
    status = local.completed ? "Enabled" : "Disabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  rule {
    id     = "archive-documents"
    status = local.completed ? "Enabled" : "Disabled"

    filter {}

    transition {
      days          = var.archive_after_days
      storage_class = local.archive_class
    }
  }

  depends_on = [aws_s3_bucket_versioning.documents]
}

# Straight to the queue, because that is the shortest way, and to EventBridge, for whoever else wants to know. An
# adopted bucket's notifications are its owner's, unless they are taken over: then they are these and no others.
resource "aws_s3_bucket_notification" "documents" {
  count       = var.adopted.bucket && !var.adopted.notification ? 0 : 1
  bucket      = local.bucket.name
  eventbridge = true

  queue {
    id        = "docferry-changes"
    queue_arn = aws_sqs_queue.changes.arn
    events    = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:LifecycleExpiration:*"]
  }

  # S3 sends a test event before it takes the configuration.
  depends_on = [aws_sqs_queue_policy.changes]
}
