resource "aws_sns_topic" "alarms" {
  name              = "alarms"
  kms_master_key_id = "alias/aws/sns"
}

module "orders" {
  source = "./modules/alarms"
}

resource "aws_cloudwatch_composite_alarm" "all" {
  alarm_name    = "all"
  alarm_rule    = "ALARM(${module.orders.alarm})"
  alarm_actions = [aws_sns_topic.alarms.arn]
}
