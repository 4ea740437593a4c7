# What EventBridge keeps: a log of what was carried, and what it could not deliver.

# Documents synced are logged, with Logs Insights to ask.

resource "aws_cloudwatch_log_group" "events" {
  count    = var.eventbridge_enabled ? 1 : 0
  provider = aws.target

  # EventBridge delivers to groups with this prefix only.
  name              = "/aws/events/${local.event_bus_name}"
  retention_in_days = var.log_retention_days
}

data "aws_iam_policy_document" "events_logged" {
  count    = var.eventbridge_enabled ? 1 : 0
  provider = aws.target

  # As AWS documents it, a condition on the second only:
  # https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
  statement {
    sid       = "Streams"
    actions   = ["logs:CreateLogStream"]
    resources = ["${aws_cloudwatch_log_group.events[0].arn}:*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
    }
  }

  statement {
    sid       = "Events"
    actions   = ["logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.events[0].arn}:*:*"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "delivery.logs.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for rule in aws_cloudwatch_event_rule.logged : rule.arn]
    }
  }
}

resource "aws_cloudwatch_log_resource_policy" "events" {
  count    = var.eventbridge_enabled ? 1 : 0
  provider = aws.target

  policy_name     = "${local.target_prefix}-logs-events"
  policy_document = data.aws_iam_policy_document.events_logged[0].json
}

resource "aws_cloudwatch_event_rule" "logged" {
  for_each = var.eventbridge_enabled ? { documents-synced = "Documents Synced" } : {}
  provider = aws.target

  name           = "${local.target_prefix}-events-${each.key}"
  description    = "Logs that changes were carried."
  event_bus_name = aws_cloudwatch_event_bus.migration[0].name
  event_pattern  = jsonencode({ source = ["docferry"], detail-type = [each.value] })
}

resource "aws_cloudwatch_event_target" "logged" {
  for_each = aws_cloudwatch_event_rule.logged
  provider = aws.target

  rule           = each.value.name
  event_bus_name = each.value.event_bus_name
  target_id      = "log"
  arn            = aws_cloudwatch_log_group.events[0].arn
}

# What could not be delivered.

resource "aws_sqs_queue" "events_dead" {
  count    = var.eventbridge_enabled ? 1 : 0
  provider = aws.target

  name                      = "${local.target_prefix}-sqs-events-dead"
  message_retention_seconds = 14 * 24 * 3600
  sqs_managed_sse_enabled   = true
}

data "aws_iam_policy_document" "events_dead" {
  count    = var.eventbridge_enabled ? 1 : 0
  provider = aws.target

  statement {
    sid       = "EventBridge"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.events_dead[0].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    # Each ARN has the account in it.
    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values = concat(
        [for rule in aws_cloudwatch_event_rule.told : rule.arn],
        [for rule in aws_cloudwatch_event_rule.answer : rule.arn],
        aws_cloudwatch_event_rule.follow[*].arn,
      )
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.events_dead[0].arn]

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

resource "aws_sqs_queue_policy" "events_dead" {
  count    = var.eventbridge_enabled ? 1 : 0
  provider = aws.target

  queue_url = aws_sqs_queue.events_dead[0].url
  policy    = data.aws_iam_policy_document.events_dead[0].json
}
