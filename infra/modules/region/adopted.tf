# The changes of an adopted bucket whose notifications stay its owner's. They come through EventBridge, which its
# owner switches on beside whatever is set there; Terraform cannot read a bucket's notifications, so that
# `docferry sync` is what refuses while it is off.

resource "aws_cloudwatch_event_rule" "changes" {
  count       = var.adopted.bucket && !var.adopted.notification ? 1 : 0
  name        = "${var.prefix}-events-changes"
  description = "Everything that happens to ${local.own.bucket}, to the change queue"

  event_pattern = jsonencode({
    source      = ["aws.s3"]
    detail-type = ["Object Created", "Object Deleted", "Object Tags Added", "Object Tags Deleted"]
    detail      = { bucket = { name = [local.own.bucket] } }
  })
}

resource "aws_cloudwatch_event_target" "changes" {
  count     = length(aws_cloudwatch_event_rule.changes)
  rule      = aws_cloudwatch_event_rule.changes[0].name
  target_id = "change-queue"
  arn       = aws_sqs_queue.changes.arn

  depends_on = [aws_sqs_queue_policy.changes]
}
