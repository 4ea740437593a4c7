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

    source_selection_criteria {
      replica_modifications {
        status = "Disabled"
      }

      dynamic "sse_kms_encrypted_objects" {
        for_each = compact([var.kms_key_arns.target])

        content {
          status = "Enabled"
        }
      }
    }

    destination {
      bucket = aws_s3_bucket.target.arn

      dynamic "encryption_configuration" {
        for_each = compact([var.kms_key_arns.target])

        content {
          replica_kms_key_id = encryption_configuration.value
        }
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.source, aws_s3_bucket_versioning.target]
}
