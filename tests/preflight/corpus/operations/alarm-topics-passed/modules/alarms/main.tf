variable "name" {
  type = string
}

variable "topics" {
  type    = list(string)
  default = []
}

resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "errors"
  namespace           = "AWS/Lambda"
  metric_name         = "Errors"
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  alarm_actions       = var.topics

  dimensions = {
    FunctionName = "errors"
  }
}
