# The whole stack: what is only at the root, and what it refuses.

mock_provider "aws" {
  alias           = "source"
  override_during = plan
  source          = "./tests/mocks"
}

mock_provider "aws" {
  alias           = "target"
  override_during = plan
  source          = "./tests/mocks"
}

variables {
  environment    = "test-1"
  source_region  = "us-east-1"
  target_region  = "eu-west-1"
  cutover_date   = "2027-01-31"
  lambda_package = "tests/fixtures/package.zip"
}

run "engine" {
  command = plan

  assert {
    condition = local.tags == {
      project         = "docferry"
      environment     = "test-1"
      migration-phase = "planning"
      cutover-date    = "2027-01-31"
      managed-by      = "terraform"
    }
    error_message = "Everything carries project, environment, phase, date of the cutover and who manages it."
  }

  assert {
    condition = (
      length(module.replication_to_target) == 0 && length(module.replication_to_source) == 0 && length(aws_dynamodb_table.records) == 0 &&
      module.source.table_name == "test-1-us-east-1-dynamodb-records" && module.target.table_name == "test-1-eu-west-1-dynamodb-records" &&
      output.source_bucket == "test-1-us-east-1-s3-documents" && output.target_bucket == "test-1-eu-west-1-s3-documents"
    )
    error_message = "With the engine each region has a table of its own, and S3 replicates nothing."
  }

  assert {
    condition     = output.source_batch_role_arn == "" && output.source_batch_job == "" && output.target_batch_role_arn == "" && output.target_batch_job == ""
    error_message = "What brings documents older than a rule is for native replication only."
  }

  assert {
    condition     = jsondecode(jsondecode(aws_dynamodb_table_item.phase.item).body.S).phase == "planning" && local.ledger_phase == "planning"
    error_message = "Before there is a ledger the migration is being planned, and that is what the first item of the ledger says."
  }
}

run "native" {
  command = plan

  variables {
    replication  = "native"
    data_size_tb = 500
  }

  assert {
    condition = (
      length(module.replication_to_target) == 1 && length(module.replication_to_source) == 1 &&
      aws_dynamodb_table.records[0].name == "test-1-dynamodb-records" &&
      aws_dynamodb_table_replica.records[0].global_table_arn == aws_dynamodb_table.records[0].arn &&
      aws_dynamodb_table_replica.records[0].point_in_time_recovery && aws_dynamodb_table_replica.records[0].deletion_protection_enabled &&
      aws_dynamodb_table.records[0].stream_view_type == "NEW_AND_OLD_IMAGES" && aws_dynamodb_table.records[0].point_in_time_recovery[0].enabled &&
      output.source_table == "test-1-dynamodb-records" && output.target_table == "test-1-dynamodb-records"
    )
    error_message = "Native replication is rules both ways and one global table."
  }

  assert {
    condition = (
      output.source_batch_role_arn == "arn:aws:iam::111122223333:role/test-1-us-east-1-iam-batch" &&
      output.target_batch_role_arn == "arn:aws:iam::111122223333:role/test-1-eu-west-1-iam-batch" &&
      startswith(output.source_batch_job, "aws s3control create-job --region us-east-1 ") &&
      startswith(output.target_batch_job, "aws s3control create-job --region eu-west-1 ")
    )
    error_message = "What is older than the rules is brought by a job in each direction."
  }

  assert {
    condition     = strcontains(output.replication_time_control, "46.3 days")
    error_message = "Who replicates 500 TB is told how long that takes at 1 Gbps."
  }

  # The same is said as a warning.
  expect_failures = [check.replication_time_control]
}

run "cutover_before_the_first_sync" {
  command = plan

  variables {
    migration_phase = "cutover"
  }

  expect_failures = [terraform_data.phase]
}

run "completed_before_docferry_completes" {
  command = plan

  variables {
    migration_phase = "completed"
  }

  override_data {
    target = data.aws_dynamodb_tables.target
    values = { names = ["test-1-eu-west-1-dynamodb-control"] }
  }

  override_data {
    target = data.aws_dynamodb_table_item.phase[0]
    values = { item = "{\"body\":{\"S\":\"{\\\"phase\\\":\\\"cutover\\\"}\"}}" }
  }

  expect_failures = [terraform_data.phase]
}

run "rollback_is_legal" {
  command = plan

  variables {
    migration_phase = "sync"
  }

  override_data {
    target = data.aws_dynamodb_tables.target
    values = { names = ["test-1-eu-west-1-dynamodb-control"] }
  }

  override_data {
    target = data.aws_dynamodb_table_item.phase[0]
    values = { item = "{\"body\":{\"S\":\"{\\\"phase\\\":\\\"cutover\\\"}\"}}" }
  }

  assert {
    condition     = local.ledger_phase == "cutover"
    error_message = "The phase is read from the ledger."
  }
}

run "two_accounts_without_an_external_id" {
  command = plan

  override_data {
    target = data.aws_caller_identity.target
    values = { account_id = "444455556666" }
  }

  expect_failures = [data.aws_caller_identity.target]
}

run "two_accounts_and_native_replication" {
  command = plan

  variables {
    external_id = "docferry-a1b2c3d4"
    replication = "native"
  }

  override_data {
    target = data.aws_caller_identity.target
    values = { account_id = "444455556666" }
  }

  expect_failures = [data.aws_caller_identity.target]
}

run "two_accounts" {
  command = plan

  variables {
    external_id = "docferry-a1b2c3d4"
  }

  override_data {
    target = data.aws_caller_identity.target
    values = { account_id = "444455556666" }
  }

  assert {
    condition     = alltrue([for plan in [aws_backup_plan.source[0], aws_backup_plan.target[0]] : alltrue([for rule in plan.rule : length(rule.copy_action) == 0])])
    error_message = "Between accounts AWS Backup copies only what an organization allows, so that each keeps its own."
  }

  assert {
    condition = (
      toset(keys(output.source_access_roles)) == toset(["data-sync", "validation"]) &&
      toset(keys(output.target_access_roles)) == toset(["data-sync", "validation"])
    )
    error_message = "Each side must have a role for either of the other one's functions."
  }

  assert {
    condition     = strcontains(output.source_copies_policy, "Version")
    error_message = "What an adopted bucket's owner has to add to its policy must be told."
  }
}

run "bad_variables" {
  command = plan

  variables {
    external_id              = "short"
    environment              = "longer-than-sixteen"
    source_region            = "virginia"
    migration_phase          = "done"
    cutover_date             = "2027-02-30"
    data_size_tb             = -1
    replication              = "both"
    records_hash_key         = ""
    document_attribute       = ""
    archive_after_days       = 7
    noncurrent_days          = 0
    lambda_package           = "nowhere.zip"
    lambda_architecture      = "arm"
    lambda_runtime           = "python2.7"
    lambda_memory_mb         = 64
    lambda_timeout_s         = 901
    lambda_max_concurrency   = 1
    scan_segments            = 0
    runner_window            = 2000
    log_level                = "LOUD"
    log_retention_days       = 8
    source_assume_role       = { role_arn = "deploys" }
    target_assume_role       = { external_id = "alone" }
    permissions_boundary_arn = "bounds"
    endpoint_url             = "127.0.0.1:4566/path"
    alarm_emails             = ["operations"]
  }

  expect_failures = [
    var.external_id,
    var.environment,
    var.source_region,
    var.migration_phase,
    var.cutover_date,
    var.data_size_tb,
    var.replication,
    var.records_hash_key,
    var.document_attribute,
    var.archive_after_days,
    var.noncurrent_days,
    var.lambda_package,
    var.lambda_architecture,
    var.lambda_runtime,
    var.lambda_memory_mb,
    var.lambda_timeout_s,
    var.lambda_max_concurrency,
    var.scan_segments,
    var.runner_window,
    var.log_level,
    var.log_retention_days,
    var.source_assume_role,
    var.target_assume_role,
    var.permissions_boundary_arn,
    var.endpoint_url,
    var.alarm_emails,
  ]
}

run "variables_that_contradict_others" {
  command = plan

  variables {
    target_region               = "us-east-1"
    existing_source             = { bucket = "s3://documents", table = "arn:aws:dynamodb:table", take_over = ["policy"] }
    records_hash_key            = "owner"
    records_range_key           = "owner"
    lambda_max_concurrency      = 10
    lambda_reserved_concurrency = 5
  }

  expect_failures = [
    var.target_region,
    var.existing_source,
    var.records_range_key,
    var.lambda_reserved_concurrency,
  ]
}

run "native_rules_over_an_adopted_bucket_and_one_key_for_both" {
  command = plan

  variables {
    replication     = "native"
    existing_source = { bucket = "acme-documents" }
    kms_key_arns    = { source = "arn:aws:kms:us-east-1:111122223333:key/one" }
  }

  expect_failures = [var.existing_source, var.kms_key_arns]
}
