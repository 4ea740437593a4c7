# What an operator looks at: phase, progress, lag, errors; the same in both regions, each with its own figures.

locals {
  widget_sets = [
    { title = "Phase (0 planning, 1 sync, 2 cutover, 3 completed)", view = "singleValue", stat = "Maximum", of = [
      ["docferry", "Phase", "service", "data_sync", local.in_target],
    ] },
    { title = "Progress: backfilled", view = "timeSeries", stat = "Sum", of = [
      ["docferry", "DocumentsBackfilled", "service", "data_sync", local.in_target],
      ["docferry", "RecordsBackfilled", "service", "data_sync", local.in_target],
    ] },
    { title = "Progress: changes applied from ${var.region}", view = "timeSeries", stat = "Sum", of = [
      ["docferry", "DocumentsApplied", "service", "data_sync"],
      ["docferry", "RecordsApplied", "service", "data_sync"],
    ] },
    { title = "Lag, from acknowledged to visible (seconds)", view = "timeSeries", stat = "Maximum", of = [
      ["docferry", "HeartbeatLag", "service", "data_sync", local.in_target],
      ["docferry", "ReverseHeartbeatLag", "service", "data_sync", local.in_target],
    ] },
    { title = "Waiting: oldest change (s) and stream (ms)", view = "timeSeries", stat = "Maximum", of = [
      ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", local.own.queue],
      ["AWS/Lambda", "IteratorAge", "FunctionName", local.names["data-sync"], { yAxis = "right" }],
    ] },
    { title = "Errors", view = "timeSeries", stat = "Sum", of = [
      ["docferry", "ChangesFailed", "service", "data_sync"],
      ["AWS/Lambda", "Errors", "FunctionName", local.names["data-sync"]],
      ["AWS/Lambda", "Errors", "FunctionName", local.names["validation"]],
      ["AWS/Lambda", "Throttles", "FunctionName", local.names["data-sync"]],
    ] },
    { title = "What is left: dead letters, stuck keys, differences", view = "singleValue", stat = "Maximum", of = [
      ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${local.own.queue}-dead"],
      ["docferry", "StuckKeys", "service", "data_sync", local.in_target],
      ["docferry", "ValidationDifferences", "service", "validation", local.in_target],
    ] },
    { title = "Functions: how long (ms), how many at once", view = "timeSeries", stat = "Maximum", of = [
      ["AWS/Lambda", "Duration", "FunctionName", local.names["data-sync"]],
      ["AWS/Lambda", "Duration", "FunctionName", local.names["validation"]],
      ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", local.names["data-sync"], { yAxis = "right" }],
    ] },
  ]

  native_widgets = [for widget in [
    { title = "S3 replication: latency (s), bytes pending", view = "timeSeries", stat = "Maximum", of = [
      ["AWS/S3", "ReplicationLatency", "SourceBucket", local.own.bucket, "DestinationBucket", local.peer.bucket, "RuleId", local.replicated.RuleId],
      ["AWS/S3", "BytesPendingReplication", "SourceBucket", local.own.bucket, "DestinationBucket", local.peer.bucket, "RuleId", local.replicated.RuleId, { yAxis = "right" }],
    ] },
    { title = "Global table: latency (ms)", view = "timeSeries", stat = "Average", of = [
      ["AWS/DynamoDB", "ReplicationLatency", "TableName", local.own.table, "ReceivingRegion", local.peer.region],
    ] },
  ] : widget if var.replication == "native"]

  # The ledger is in the target's region, and so are the figures about the whole migration, wherever they are looked at.
  sides_region = { for side, it in var.sides : side => it.region }
  # Of another account CloudWatch shows what that account shares with this one.
  in_target = merge({ region = local.sides_region.target }, local.two_accounts ? { accountId = var.sides.target.account_id } : {})

  dashboard_text = <<-EOT
    ## docferry ${var.environment}: ${local.sides_region.source} → ${local.sides_region.target}, as seen from ${var.region} (${var.side})
    **`docferry status`** says where it stands and what comes next. Nothing below is lost while it is red: what is not carried stays on its feed.

    | what you see | what to do |
    |---|---|
    | lag over a minute, or none shown | do not cut over; is the schedule on, does data_sync fail or get throttled? |
    | dead letters, stuck keys | `docferry status` lists them with the reason; mend it, redrive the queue |
    | differences | `docferry validate --repair`, then `docferry validate` |
    | the state machine stopped | its mail says why; mend it, then redrive the execution |
    | it goes wrong after the cutover | `docferry rollback`: until `docferry complete`, both regions are kept in step |
  EOT
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "${var.prefix}-cloudwatch-migration"
  dashboard_body = jsonencode({
    widgets = concat(
      [{ type = "text", x = 0, y = 0, width = 24, height = 7, properties = { markdown = local.dashboard_text } }],
      [for i, widget in concat(local.widget_sets, local.native_widgets) : {
        type   = "metric"
        x      = i % 3 * 8
        y      = 7 + floor(i / 3) * 6
        width  = 8
        height = 6
        properties = {
          title   = widget.title
          view    = widget.view
          stat    = widget.stat
          region  = var.region
          period  = 60
          metrics = widget.of
        }
      }],
      [{
        type = "alarm", x = 0, y = 7 + ceil((length(local.widget_sets) + length(local.native_widgets)) / 3) * 6, width = 24, height = 4
        properties = {
          title  = "Alarms of ${var.region}"
          alarms = concat([for alarm in aws_cloudwatch_metric_alarm.this : alarm.arn], [for alarm in aws_cloudwatch_metric_alarm.system_errors : alarm.arn])
        }
      }],
    )
  })
}
