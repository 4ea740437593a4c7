resource "aws_s3_bucket_replication_configuration" "to_target" {
  bucket = aws_s3_bucket.source.id
  role   = aws_iam_role.to_source.arn

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

  depends_on = [aws_s3_bucket_versioning.source, aws_s3_bucket_versioning.target]
}

resource "aws_s3_bucket_replication_configuration" "to_source" {
  bucket = aws_s3_bucket.target.id
  role   = aws_iam_role.to_source.arn

  rule {
    id       = "everything"
    priority = 1
    status   = "Enabled"

    filter {}

    delete_marker_replication {
      status = "Enabled"
    }

    destination {
      bucket = aws_s3_bucket.source.arn
    }
  }

  depends_on = [aws_s3_bucket_versioning.target, aws_s3_bucket_versioning.source]
}
