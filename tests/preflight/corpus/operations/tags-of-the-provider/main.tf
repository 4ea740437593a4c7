provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = {
      Owner = "orders"
      Stage = "production"
    }
  }
}

provider "aws" {
  alias  = "global"
  region = "us-east-1"
}

resource "aws_sqs_queue" "orders" {
  name                    = "orders"
  sqs_managed_sse_enabled = true
}

resource "aws_sqs_queue" "global" {
  name                    = "global"
  sqs_managed_sse_enabled = true
  provider                = aws.global
}
