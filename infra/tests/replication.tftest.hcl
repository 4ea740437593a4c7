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
  force_destroy            = false
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

run "what_is_older_than_the_rule" {
  command = plan

  module {
    source = "./modules/replication"
  }

  assert {
    condition = (
      aws_iam_role.batch.name == "test-1-eu-west-1-iam-batch" &&
      one(data.aws_iam_policy_document.trust_batch.statement[0].principals).identifiers == toset(["batchoperations.s3.amazonaws.com"]) &&
      one(data.aws_iam_policy_document.trust_batch.statement[0].condition).variable == "aws:SourceAccount" &&
      one(data.aws_iam_policy_document.trust_batch.statement[0].condition).values == tolist(["111122223333"])
    )
    error_message = "The role of a job is S3 Batch Operations' alone, and for this account's jobs only."
  }

  assert {
    condition = {
      for statement in data.aws_iam_policy_document.batch.statement : statement.sid => [sort(statement.actions), sort(statement.resources)]
      } == {
      ReplicateExisting      = [tolist(["s3:InitiateReplication"]), tolist(["arn:aws:s3:::target-bucket/*"])]
      GenerateManifest       = [tolist(["s3:GetReplicationConfiguration", "s3:PutInventoryConfiguration"]), tolist(["arn:aws:s3:::target-bucket"])]
      ReadManifest           = [tolist(["s3:GetObject", "s3:GetObjectVersion"]), tolist(["arn:aws:s3:::test-1-eu-west-1-s3-reports/manifests/*"])]
      WriteManifestAndReport = [tolist(["s3:PutObject"]), tolist(["arn:aws:s3:::test-1-eu-west-1-s3-reports/manifests/*", "arn:aws:s3:::test-1-eu-west-1-s3-reports/reports/*"])]
    }
    error_message = "The role of a job may do what AWS lists for a manifest that S3 generates and stores, and nothing else."
  }

  assert {
    condition = (
      startswith(output.batch_job, "aws s3control create-job --region eu-west-1 --cli-input-json '{") &&
      local.batch_job.RoleArn == "arn:aws:iam::111122223333:role/${aws_iam_role.batch.name}" &&
      local.batch_job.ConfirmationRequired &&
      local.batch_job.ManifestGenerator.S3JobManifestGenerator.SourceBucket == "arn:aws:s3:::target-bucket" &&
      local.batch_job.ManifestGenerator.S3JobManifestGenerator.ManifestOutputLocation.Bucket == "arn:aws:s3:::${aws_s3_bucket.reports.bucket}" &&
      local.batch_job.Report.Bucket == "arn:aws:s3:::${aws_s3_bucket.reports.bucket}"
    )
    error_message = "The command makes a job that waits for a confirmation, in the region of the bucket that is replicated."
  }

  assert {
    condition     = !contains(local.batch_job.ManifestGenerator.S3JobManifestGenerator.Filter.ObjectReplicationStatuses, "REPLICA")
    error_message = "What came from the other side must not be sent back."
  }
}
