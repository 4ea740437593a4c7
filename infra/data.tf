data "aws_caller_identity" "source" {
  provider = aws.source
}

data "aws_caller_identity" "target" {
  provider = aws.target

  lifecycle {
    postcondition {
      condition     = self.account_id == data.aws_caller_identity.source.account_id
      error_message = "The source is in account ${data.aws_caller_identity.source.account_id}, the target in ${self.account_id}. The functions have one role for both sides, and DynamoDB and SQS take names of their own account only: between accounts use this stack in neither, but `docferry sync` with source.profile and target.profile."
    }
  }
}

data "aws_partition" "current" {
  provider = aws.target
}
