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

  depends_on = [aws_s3_bucket_versioning.source, aws_s3_bucket_versioning.target]
}
