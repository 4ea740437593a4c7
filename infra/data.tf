data "aws_caller_identity" "source" {
  provider = aws.source
}

data "aws_caller_identity" "target" {
  provider = aws.target

  lifecycle {
    postcondition {
      condition     = self.account_id == data.aws_caller_identity.source.account_id || var.external_id != ""
      error_message = "The source is in account ${data.aws_caller_identity.source.account_id}, the target in ${self.account_id}: set external_id, which the roles of either account ask those of the other one for."
    }

    postcondition {
      condition     = self.account_id == data.aws_caller_identity.source.account_id || var.replication == "engine"
      error_message = "The source is in account ${data.aws_caller_identity.source.account_id}, the target in ${self.account_id}: between accounts only replication = \"engine\" is built."
    }
  }
}

data "aws_partition" "current" {
  provider = aws.target
}
