resource "aws_sns_topic" "alarms" {
  name              = "alarms"
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_cloudwatch_metric_alarm" "orders" {
  alarm_name          = "orders"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0

  dimensions = {
    FunctionName = "orders"
  }
}

resource "aws_cloudwatch_metric_alarm" "mails" {
  alarm_name          = "mails"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  ok_actions          = [aws_sns_topic.alarms.arn]
  alarm_actions       = []

  dimensions = {
    FunctionName = "mails"
  }
}

resource "aws_cloudwatch_dashboard" "orders" {
  dashboard_name = "orders"

  dashboard_body = jsonencode({
    widgets = [{
      type       = "alarm"
      properties = { alarms = [aws_cloudwatch_metric_alarm.orders.arn] }
    }]
  })
}
