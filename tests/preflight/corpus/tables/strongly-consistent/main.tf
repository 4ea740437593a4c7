terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

resource "aws_dynamodb_table" "records" {
  name         = "records"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"

  attribute {
    name = "id"
    type = "S"
  }

  replica {
    region_name      = "eu-west-1"
    consistency_mode = "STRONG"
  }

  replica {
    region_name      = "eu-west-3"
    consistency_mode = "STRONG"
  }
}
