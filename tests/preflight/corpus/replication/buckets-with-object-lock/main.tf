resource "aws_s3_bucket" "source" {
  bucket_prefix       = "ledger-source-"
  object_lock_enabled = true
}

resource "aws_s3_bucket" "target" {
  bucket_prefix       = "ledger-target-"
  object_lock_enabled = true
}

data "aws_iam_policy_document" "trust_replication" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "replication" {
  statement {
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [aws_s3_bucket.source.arn]
  }

  statement {
    actions = [
      "s3:GetObjectVersionForReplication",
      "s3:GetObjectVersionAcl",
      "s3:GetObjectVersionTagging",
    ]
    resources = ["${aws_s3_bucket.source.arn}/*"]
  }

  statement {
    actions   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    resources = ["${aws_s3_bucket.target.arn}/*"]
  }
}

resource "aws_iam_role" "replication" {
  name_prefix        = "replication-"
  assume_role_policy = data.aws_iam_policy_document.trust_replication.json
}

resource "aws_iam_role_policy" "replication" {
  name_prefix = "replication-"
  role        = aws_iam_role.replication.id
  policy      = data.aws_iam_policy_document.replication.json
}

resource "aws_s3_bucket_replication_configuration" "documents" {
  bucket = aws_s3_bucket.source.id
  role   = aws_iam_role.replication.arn

  rule {
    id       = "everything"
    priority = 1
    status   = "Enabled"

    filter {}

    delete_marker_replication {
      status = "Enabled"
    }

    destination {
      bucket = aws_s3_bucket.target.arn
    }
  }
}
