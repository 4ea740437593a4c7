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

  statement {
    actions   = ["kms:Decrypt"]
    resources = [aws_kms_key.target.arn]
  }

  statement {
    actions   = ["kms:Encrypt"]
    resources = [aws_kms_key.target.arn]
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
