resource "aws_sns_topic" "alarms" {
  name              = "alarms"
  kms_master_key_id = "alias/aws/sns"
}

module "orders" {
  source = "./modules/alarms"
  name   = "orders"
  topics = [aws_sns_topic.alarms.arn]
}
