# Who is told: one topic for the alarms of this region, and for events where this is the target.

resource "aws_sns_topic" "alarms" {
  name         = "${var.prefix}-sns-alarms"
  display_name = "docferry ${var.environment} ${var.region}"

  # Not encrypted with aws/sns: CloudWatch may not use that key, and alarms would be lost without a word. What is sent
  # are names and figures.
}

data "aws_iam_policy_document" "alarms_topic" {
  # CloudWatch, on behalf of this account only.
  statement {
    sid       = "Alarms"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

    principals {
      type        = "Service"
      identifiers = ["cloudwatch.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.sides[var.side].account_id]
    }
  }

  # EventBridge, without a condition: AWS says that none may be used in a topic's policy for it, and events would be
  # dropped without a word (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html). So it is
  # allowed only where the bus is.
  dynamic "statement" {
    for_each = var.side == "target" && var.event_bus_name != "" ? [var.event_bus_name] : []
    content {
      sid       = "Events"
      actions   = ["sns:Publish"]
      resources = [aws_sns_topic.alarms.arn]

      principals {
        type        = "Service"
        identifiers = ["events.amazonaws.com"]
      }
    }
  }

  statement {
    sid       = "TlsOnly"
    effect    = "Deny"
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.alarms.arn]

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

resource "aws_sns_topic_policy" "alarms" {
  arn    = aws_sns_topic.alarms.arn
  policy = data.aws_iam_policy_document.alarms_topic.json
}

# Each address gets a mail with a link that confirms it; until then it is told nothing.
resource "aws_sns_topic_subscription" "alarms" {
  for_each = var.alarm_emails

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.value
}
