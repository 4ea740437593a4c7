resource "aws_sns_topic" "generated" {
  name_prefix       = "generated-"
  kms_master_key_id = "alias/aws/sns"
}
