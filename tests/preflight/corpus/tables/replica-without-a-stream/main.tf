provider "aws" {
  region = "eu-central-1"
}

provider "aws" {
  alias  = "target"
  region = "eu-west-1"
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
    region_name = "eu-west-1"
  }
}
