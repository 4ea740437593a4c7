# Alarms of this region. What is alarmed on is in alarms_*.tf, one file a concern; here is how.
#
# `missing` says what no data means, and it is thought through for each: most metrics here have data only while something
# goes on, so that none is well ("notBreaching"). A heartbeat that is missing is not.

locals {
  alarms = merge(
    local.replication_alarms,
    local.table_alarms,
    local.function_alarms,
    local.queue_alarms,
    local.migration_alarms,
  )

  following = contains(["sync", "cutover"], var.migration_phase) && var.event_bus_name != ""
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.prefix}-cloudwatch-${each.key}"
  alarm_description   = each.value.what
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period_s
  evaluation_periods  = each.value.of
  datapoints_to_alarm = each.value.points
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# DynamoDB counts its own errors by operation: these are summed.
resource "aws_cloudwatch_metric_alarm" "system_errors" {
  for_each = local.system_error_operations

  alarm_name          = "${var.prefix}-cloudwatch-${each.key}-system-errors"
  alarm_description   = "DynamoDB failed on its own side for ${each.value.table}. Requests are repeated; if it lasts, look at the AWS Health Dashboard."
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "all"
    expression  = "SUM(METRICS())"
    label       = "system errors"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.operations
    content {
      id = lower(metric_query.value)
      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = "SystemErrors"
        dimensions  = { TableName = each.value.table, Operation = metric_query.value }
        stat        = "Sum"
        period      = 300
      }
    }
  }
}

output "alarm_names" {
  description = "Names of all alarms of this region that the module makes."
  value = sort(concat(
    [for alarm in aws_cloudwatch_metric_alarm.this : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.system_errors : alarm.alarm_name],
  ))
}

output "dashboard_name" {
  description = "Dashboard of this region."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
