# The change queue: everything that happens to the bucket. What could not be carried in 100 attempts, about an hour of
# them, goes to the dead-letter queue: a switch refuses while there is anything in it.

locals {
  kept_s = 14 * 24 * 3600
}

resource "aws_sqs_queue" "changes_dead" {
  name                      = "${local.own.queue}-dead"
  message_retention_seconds = local.kept_s
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "changes" {
  name                      = local.own.queue
  message_retention_seconds = local.kept_s
  sqs_managed_sse_enabled   = true
  # Lambda takes no shorter one than the function's timeout, and a longer one only delays what is tried again.
  visibility_timeout_seconds = var.lambda_timeout_s

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.changes_dead.arn
    maxReceiveCount     = 100
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "changes_dead" {
  queue_url = aws_sqs_queue.changes_dead.id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.changes.arn]
  })
}

# Invocations that nobody waits for (the schedule, automatic answers) and batches of the records' stream that failed.
# Not the dead-letter queue: neither is a change that was missed, for the runner reads the stream itself, so neither
# may hold up a switch.
resource "aws_sqs_queue" "failures" {
  name                      = "${var.prefix}-sqs-failures"
  message_retention_seconds = local.kept_s
  sqs_managed_sse_enabled   = true
}

data "aws_iam_policy_document" "changes" {
  statement {
    sid       = "NotificationsOfTheBucket"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.changes.arn]

    principals {
      type        = "Service"
      identifiers = ["s3.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.bucket.arn]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.own.account_id]
    }
  }

  dynamic "statement" {
    for_each = aws_cloudwatch_event_rule.changes
    content {
      sid       = "ChangesThroughEventBridge"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.changes.arn]

      principals {
        type        = "Service"
        identifiers = ["events.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [statement.value.arn]
      }
    }
  }
}

resource "aws_sqs_queue_policy" "changes" {
  queue_url = aws_sqs_queue.changes.id
  policy    = data.aws_iam_policy_document.changes.json
}
