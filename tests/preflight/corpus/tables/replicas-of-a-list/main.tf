variable "replica_regions" {
  description = "Regions of replicas."
  type        = list(string)
  default     = []
}

resource "aws_dynamodb_table" "records" {
  name         = "records"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  dynamic "replica" {
    for_each = var.replica_regions

    content {
      region_name = replica.value
    }
  }
}
