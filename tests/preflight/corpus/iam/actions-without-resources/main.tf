data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "worker" {
  name               = "worker"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "worker" {
  name   = "worker"
  role   = aws_iam_role.worker.id
  policy = data.aws_iam_policy_document.worker.json
}

data "aws_iam_policy_document" "worker" {
  statement {
    sid = "TheseTakeNone"
    actions = [
      "cloudwatch:PutMetricData",
      "ecr:GetAuthorizationToken",
      "s3:ListAllMyBuckets",
      "xray:PutTraceSegments",
    ]
    resources = ["*"]
  }
}
