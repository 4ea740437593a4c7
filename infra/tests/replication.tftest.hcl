# One direction of native replication.

mock_provider "aws" {
  override_during = plan
  source          = "./tests/mocks"
}

variables {
  prefix                   = "test-1-eu-west-1"
  rule_id                  = "to-source"
  from                     = { bucket = "target-bucket", arn = "arn:aws:s3:::target-bucket", region = "eu-west-1", key = "arn:aws:kms:eu-west-1:111122223333:key/two" }
  to                       = { arn = "arn:aws:s3:::source-bucket", region = "us-east-1", key = "arn:aws:kms:us-east-1:111122223333:key/one" }
  enabled                  = false
  account_id               = "111122223333"
  permissions_boundary_arn = ""
  trust_source_account     = true
}

run "back_to_the_source" {
  command = plan

  module {
    source = "./modules/replication"
  }

  assert {
    condition = (
      aws_s3_bucket_replication_configuration.documents.rule[0].status == "Disabled" &&
      length(aws_s3_bucket_replication_configuration.documents.rule[0].filter) == 1 &&
      aws_s3_bucket_replication_configuration.documents.rule[0].delete_marker_replication[0].status == "Enabled" &&
      aws_s3_bucket_replication_configuration.documents.rule[0].source_selection_criteria[0].replica_modifications[0].status == "Enabled" &&
      length(aws_s3_bucket_replication_configuration.documents.rule[0].existing_object_replication) == 0
    )
    error_message = "The rule is for everything, delete markers and changed replicas too, and waits until it is enabled."
  }

  assert {
    condition = (
      aws_s3_bucket_replication_configuration.documents.rule[0].destination[0].bucket == "arn:aws:s3:::source-bucket" &&
      aws_s3_bucket_replication_configuration.documents.rule[0].destination[0].replication_time[0].status == "Enabled" &&
      aws_s3_bucket_replication_configuration.documents.rule[0].destination[0].replication_time[0].time[0].minutes == 15 &&
      aws_s3_bucket_replication_configuration.documents.rule[0].destination[0].metrics[0].status == "Enabled"
    )
    error_message = "Replication has a time of 15 minutes to keep, and metrics that show it."
  }

  assert {
    condition = (
      aws_s3_bucket_replication_configuration.documents.rule[0].source_selection_criteria[0].sse_kms_encrypted_objects[0].status == "Enabled" &&
      aws_s3_bucket_replication_configuration.documents.rule[0].destination[0].encryption_configuration[0].replica_kms_key_id == "arn:aws:kms:us-east-1:111122223333:key/one" &&
      { for statement in data.aws_iam_policy_document.replication.statement : statement.sid => tolist(statement.resources) } == {
        ReadRules       = tolist(["arn:aws:s3:::target-bucket"])
        ReadVersions    = tolist(["arn:aws:s3:::target-bucket/*"])
        WriteReplicas   = tolist(["arn:aws:s3:::source-bucket/*"])
        DecryptVersions = tolist(["arn:aws:kms:eu-west-1:111122223333:key/two"])
        EncryptReplicas = tolist(["arn:aws:kms:us-east-1:111122223333:key/one"])
      }
    )
    error_message = "The role reads and decrypts on one side, writes and encrypts on the other."
  }

  assert {
    condition     = aws_iam_role.replication.name == "test-1-eu-west-1-iam-replication" && one(data.aws_iam_policy_document.trust.statement[0].condition).variable == "aws:SourceAccount"
    error_message = "The role has the name that fences exempt, and is trusted for this account if asked for."
  }
}
