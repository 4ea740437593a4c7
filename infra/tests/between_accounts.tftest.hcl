# One side of a migration between two accounts.

mock_provider "aws" {
  override_during = plan
  source          = "./tests/mocks"
}

variables {
  environment     = "test-1"
  region          = "us-east-1"
  prefix          = "test-1-us-east-1"
  side            = "source"
  migration_phase = "sync"
  replication     = "engine"

  sides = {
    source = {
      region          = "us-east-1"
      account_id      = "111122223333"
      bucket          = "test-1-us-east-1-s3-documents"
      table           = "test-1-us-east-1-dynamodb-records"
      queue           = "test-1-us-east-1-sqs-changes"
      control_table   = "test-1-us-east-1-dynamodb-control"
      conflicts_table = "test-1-us-east-1-dynamodb-conflicts"
      journal_table   = "test-1-us-east-1-dynamodb-journal"
    }
    target = {
      region          = "eu-west-1"
      account_id      = "444455556666"
      bucket          = "test-1-eu-west-1-s3-documents"
      table           = "test-1-eu-west-1-dynamodb-records"
      queue           = "test-1-eu-west-1-sqs-changes"
      control_table   = "test-1-eu-west-1-dynamodb-control"
      conflicts_table = "test-1-eu-west-1-dynamodb-conflicts"
      journal_table   = "test-1-eu-west-1-dynamodb-journal"
    }
  }

  records_hash_key      = "owner"
  records_range_key     = "record_id"
  records_ttl_attribute = ""
  document_attribute    = "document_key"

  force_destroy       = false
  deletion_protection = true
  kms_key_arns        = { source = "", target = "" }
  archive_after_days  = 30
  noncurrent_days     = 90

  lambda_package              = "tests/fixtures/package.zip"
  lambda_architecture         = "arm64"
  lambda_runtime              = "python3.13"
  lambda_memory_mb            = 1024
  lambda_timeout_s            = 300
  lambda_max_concurrency      = 10
  lambda_reserved_concurrency = null
  scan_segments               = 4
  runner_window               = 64
  log_level                   = "INFO"
  log_retention_days          = 90

  client_lease_s        = 1
  client_deadline_s     = 60
  operator_arns         = ["arn:aws:iam::111122223333:role/operator"]
  fencing_token_enabled = true
  hard_fence_enabled    = true
  fence_exempt_arns     = []

  event_bus_name           = "test-1-eu-west-1-events-migration"
  permissions_boundary_arn = ""
  external_id              = "docferry-a1b2c3d4"
  trust_source_account     = false
  endpoint_url             = ""
  alarm_emails             = []
}

run "source" {
  command = plan

  module {
    source = "./modules/region"
  }

  assert {
    condition = (
      aws_lambda_function.data_sync.environment[0].variables["DOCFERRY_TARGET__ROLE"] == "arn:aws:iam::444455556666:role/test-1-eu-west-1-iam-access-data-sync" &&
      aws_lambda_function.validation.environment[0].variables["DOCFERRY_TARGET__ROLE"] == "arn:aws:iam::444455556666:role/test-1-eu-west-1-iam-access-validation" &&
      aws_lambda_function.data_sync.environment[0].variables["DOCFERRY_TARGET__EXTERNAL_ID"] == "docferry-a1b2c3d4" &&
      !contains(keys(aws_lambda_function.data_sync.environment[0].variables), "DOCFERRY_SOURCE__ROLE")
    )
    error_message = "Either function reaches the other side by its own role there, and this side as itself."
  }

  assert {
    condition = alltrue(flatten([
      for document in [
        data.aws_iam_policy_document.data_sync_documents, data.aws_iam_policy_document.data_sync_tables,
        data.aws_iam_policy_document.data_sync_feeds, data.aws_iam_policy_document.data_sync_fence,
        data.aws_iam_policy_document.validation_stores,
        ] : [
        for statement in document.statement : [
          for resource in statement.resources : !strcontains(resource, "eu-west-1")
        ]
      ]
    ]))
    error_message = "No role of this account names stores of the other one, but the worker's, which copies."
  }

  assert {
    condition = toset(flatten([
      for statement in data.aws_iam_policy_document.data_sync_roles.statement : statement.resources
      ])) == toset([
      "arn:aws:iam::111122223333:role/test-1-us-east-1-iam-worker",
      "arn:aws:iam::444455556666:role/test-1-eu-west-1-iam-worker",
      "arn:aws:iam::111122223333:role/test-1-us-east-1-iam-probe",
      "arn:aws:iam::444455556666:role/test-1-eu-west-1-iam-probe",
      "arn:aws:iam::444455556666:role/test-1-eu-west-1-iam-access-data-sync",
    ])
    error_message = "data_sync takes its own roles of the other account, by name, and no others."
  }

  assert {
    condition = alltrue(flatten([
      for document in values(data.aws_iam_policy_document.trust_access) : [
        for statement in document.statement : [
          one(one(statement.principals).identifiers) == "arn:aws:iam::444455556666:root",
          toset(statement.condition[*].variable) == toset(["aws:PrincipalArn", "sts:ExternalId"]),
        ]
      ]
    ]))
    error_message = "Only the other account's function of the same name may take a role, and only with the external id."
  }

  assert {
    condition = (
      one(one([for one in data.aws_iam_policy_document.trust_access["validation"].statement[0].condition : one if one.variable == "aws:PrincipalArn"]).values) ==
      "arn:aws:iam::444455556666:role/test-1-eu-west-1-iam-validation"
    )
    error_message = "validation's role is taken by validation."
  }

  assert {
    condition = alltrue([
      for document in [data.aws_iam_policy_document.trust_data_sync["worker"], data.aws_iam_policy_document.trust_data_sync["probe"]] :
      [for statement in document.statement : contains(statement.condition[*].variable, "sts:ExternalId")] == [false, true]
    ])
    error_message = "Worker and probe ask the other account's for the external id, and their own for none."
  }

  assert {
    condition = toset(keys(aws_iam_role_policy_attachment.access)) == toset([
      "data-sync-documents", "data-sync-tables", "data-sync-feeds", "data-sync-fence", "validation-stores",
    ])
    error_message = "A role for the other side's function may do what this side's function may with this side's stores."
  }

  assert {
    condition = (
      length(data.aws_iam_policy_document.documents.source_policy_documents) == 1 &&
      alltrue([
        for statement in data.aws_iam_policy_document.copies.statement :
        one(statement.condition).values == tolist(["arn:aws:iam::444455556666:role/test-1-eu-west-1-iam-worker"])
      ]) &&
      toset(flatten(data.aws_iam_policy_document.copies.statement[*].actions)) == toset(["s3:ListBucket", "s3:GetObject", "s3:GetObjectTagging"])
    )
    error_message = "The bucket lets the other side's worker read, and nobody write."
  }

  assert {
    condition     = length([for one in data.aws_iam_policy_document.data_sync_feeds.statement : one if one.sid == "PublishEvents"]) == 0
    error_message = "The bus is the target's: events are put on it by a role there."
  }
}

run "source_without_fencing_tokens" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    fencing_token_enabled = false
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.copies.statement :
      contains(one(statement.condition).values, "arn:aws:iam::444455556666:role/test-1-eu-west-1-iam-data-sync")
    ])
    error_message = "Without tokens the other side's data_sync copies."
  }
}

run "target" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region = "eu-west-1"
    prefix = "test-1-eu-west-1"
    side   = "target"
  }

  assert {
    condition = (
      length([for one in data.aws_iam_policy_document.data_sync_feeds.statement : one if one.sid == "PublishEvents"]) == 1 &&
      length([for one in data.aws_iam_policy_document.validation_stores.statement : one if one.sid == "PublishEvents"]) == 1 &&
      length([for one in data.aws_iam_policy_document.validation_stores.statement : one if one.sid == "KeepLedger"]) == 1
    )
    error_message = "Ledger and bus are the target's, for its own functions and for those that take its roles."
  }
}
