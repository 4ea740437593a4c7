# The bucket of the state.

mock_provider "aws" {
  override_during = plan
  source          = "./tests/mocks"
}

run "state" {
  command = plan

  module {
    source = "./bootstrap"
  }

  variables {
    environment        = "test-1"
    region             = "eu-west-1"
    lock_table_enabled = true
  }

  assert {
    condition = (
      aws_s3_bucket.state.bucket == "test-1-eu-west-1-s3-terraform-state" && !aws_s3_bucket.state.force_destroy &&
      aws_s3_bucket_versioning.state.versioning_configuration[0].status == "Enabled" &&
      one(one(aws_s3_bucket_server_side_encryption_configuration.state.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256" &&
      aws_s3_bucket_public_access_block.state.block_public_acls && aws_s3_bucket_public_access_block.state.block_public_policy &&
      aws_s3_bucket_public_access_block.state.ignore_public_acls && aws_s3_bucket_public_access_block.state.restrict_public_buckets &&
      aws_s3_bucket_ownership_controls.state.rule[0].object_ownership == "BucketOwnerEnforced" &&
      alltrue([for one in aws_s3_bucket_lifecycle_configuration.state.rule : length(one.filter) == 1]) &&
      one(data.aws_iam_policy_document.state.statement[0].condition).variable == "aws:SecureTransport"
    )
    error_message = "The state is versioned, encrypted, reached by TLS only, and by nobody from outside."
  }

  assert {
    condition     = aws_dynamodb_table.lock[0].name == "test-1-eu-west-1-dynamodb-terraform-lock" && aws_dynamodb_table.lock[0].hash_key == "LockID"
    error_message = "Locks are in a table where Terraform cannot lock in the bucket."
  }
}
