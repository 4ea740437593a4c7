# One direction of replication: everything, with delete markers and changes of replicas' tags, within 15 minutes.

resource "aws_s3_bucket_replication_configuration" "documents" {
  bucket = var.from.bucket
  role   = aws_iam_role.replication.arn

  rule {
    id       = var.rule_id
    priority = 1
    status   = var.enabled ? "Enabled" : "Disabled"

    filter {}

    # Of people's and applications' deletes only: S3 replicates no marker that a lifecycle rule made.
    delete_marker_replication {
      status = "Enabled"
    }

    source_selection_criteria {
      replica_modifications {
        status = "Enabled"
      }

      dynamic "sse_kms_encrypted_objects" {
        for_each = compact([var.to.key])
        content {
          status = "Enabled"
        }
      }
    }

    destination {
      bucket = var.to.arn

      dynamic "encryption_configuration" {
        for_each = compact([var.to.key])
        content {
          replica_kms_key_id = encryption_configuration.value
        }
      }

      replication_time {
        status = "Enabled"
        time {
          minutes = 15
        }
      }

      metrics {
        status = "Enabled"
        event_threshold {
          minutes = 15
        }
      }
    }
  }

  # A new rule copies nothing before its role may do so.
  depends_on = [aws_iam_role_policy_attachment.replication]

  lifecycle {
    # A switch enables and disables rules, and no apply must turn that back.
    ignore_changes = [rule[0].status]
  }
}
