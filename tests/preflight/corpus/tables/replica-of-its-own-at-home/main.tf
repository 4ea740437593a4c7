resource "aws_dynamodb_table" "records" {
  name         = "records"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  attribute {
    name = "id"
    type = "S"
  }
}

# Meant for eu-west-1: the provider is missing.
resource "aws_dynamodb_table_replica" "records" {
  global_table_arn = aws_dynamodb_table.records.arn
}
