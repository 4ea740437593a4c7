data "aws_iam_policy_document" "trust_to_target" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "to_target" {
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

resource "aws_iam_role" "to_target" {
  name_prefix        = "to-target-"
  assume_role_policy = data.aws_iam_policy_document.trust_to_target.json
}

resource "aws_iam_role_policy" "to_target" {
  name_prefix = "to-target-"
  role        = aws_iam_role.to_target.id
  policy      = data.aws_iam_policy_document.to_target.json
}

data "aws_iam_policy_document" "trust_to_source" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "to_source" {
  statement {
    actions   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
    resources = [aws_s3_bucket.target.arn]
  }

  statement {
    actions = [
      "s3:GetObjectVersionForReplication",
      "s3:GetObjectVersionAcl",
      "s3:GetObjectVersionTagging",
    ]
    resources = ["${aws_s3_bucket.target.arn}/*"]
  }

  statement {
    actions   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
    resources = ["${aws_s3_bucket.source.arn}/*"]
  }
}

resource "aws_iam_role" "to_source" {
  name_prefix        = "to-source-"
  assume_role_policy = data.aws_iam_policy_document.trust_to_source.json
}

resource "aws_iam_role_policy" "to_source" {
  name_prefix = "to-source-"
  role        = aws_iam_role.to_source.id
  policy      = data.aws_iam_policy_document.to_source.json
}
