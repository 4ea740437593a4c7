# What both regions have alike, planned for one side.

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
      account_id      = "111122223333"
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
  hard_fence_enabled    = false
  fence_exempt_arns     = []

  event_bus_name           = "test-1-eu-west-1-events-migration"
  permissions_boundary_arn = ""
  external_id              = ""
  trust_source_account     = false
  endpoint_url             = ""
  alarm_emails             = []
}

run "source_in_sync" {
  command = plan

  module {
    source = "./modules/region"
  }

  # Names.

  assert {
    condition = (
      aws_s3_bucket.documents[0].bucket == "test-1-us-east-1-s3-documents" &&
      aws_dynamodb_table.records[0].name == "test-1-us-east-1-dynamodb-records" &&
      aws_dynamodb_table.control.name == "test-1-us-east-1-dynamodb-control" &&
      aws_dynamodb_table.conflicts.name == "test-1-us-east-1-dynamodb-conflicts" &&
      aws_dynamodb_table.journal.name == "test-1-us-east-1-dynamodb-journal" &&
      aws_sqs_queue.changes.name == "test-1-us-east-1-sqs-changes" &&
      aws_sqs_queue.changes_dead.name == "test-1-us-east-1-sqs-changes-dead" &&
      aws_lambda_function.data_sync.function_name == "test-1-us-east-1-lambda-data-sync" &&
      aws_lambda_function.validation.function_name == "test-1-us-east-1-lambda-validation" &&
      aws_iam_role.data_sync.name == "test-1-us-east-1-iam-data-sync" &&
      aws_iam_role.validation.name == "test-1-us-east-1-iam-validation" &&
      aws_cloudwatch_log_group.data_sync.name == "/aws/lambda/test-1-us-east-1-lambda-data-sync"
    )
    error_message = "Names are environment, region, service and purpose, as docferry's settings have them."
  }

  # The bucket.

  assert {
    condition     = aws_s3_bucket.documents[0].force_destroy == false && aws_s3_bucket_versioning.documents[0].versioning_configuration[0].status == "Enabled"
    error_message = "The bucket keeps versions, and is not deleted with documents in it."
  }

  assert {
    condition = (
      one(aws_s3_bucket_server_side_encryption_configuration.documents[0].rule).bucket_key_enabled &&
      one(one(aws_s3_bucket_server_side_encryption_configuration.documents[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    )
    error_message = "Without a KMS key documents are encrypted by S3, and the bucket key is on."
  }

  assert {
    condition = (
      aws_s3_bucket_public_access_block.documents[0].block_public_acls &&
      aws_s3_bucket_public_access_block.documents[0].block_public_policy &&
      aws_s3_bucket_public_access_block.documents[0].ignore_public_acls &&
      aws_s3_bucket_public_access_block.documents[0].restrict_public_buckets &&
      aws_s3_bucket_ownership_controls.documents[0].rule[0].object_ownership == "BucketOwnerEnforced"
    )
    error_message = "The bucket is closed to the public in all four ways, and its owner owns every document."
  }

  assert {
    condition = (
      data.aws_iam_policy_document.documents.statement[0].effect == "Deny" &&
      length(data.aws_iam_policy_document.documents.statement[0].condition) == 1 &&
      one(data.aws_iam_policy_document.documents.statement[0].condition).variable == "aws:SecureTransport"
    )
    error_message = "What comes without TLS is denied, without an exception."
  }

  assert {
    condition     = alltrue([for one in aws_s3_bucket_lifecycle_configuration.documents[0].rule : length(one.filter) == 1])
    error_message = "Every lifecycle rule has a filter: without one S3 and the provider disagree on what was meant."
  }

  assert {
    condition = { for one in aws_s3_bucket_lifecycle_configuration.documents[0].rule : one.id => one.status } == {
      "abort-incomplete-uploads"   = "Enabled"
      "expire-noncurrent-versions" = "Disabled"
      "archive-documents"          = "Disabled"
    }
    error_message = "During the migration nothing expires and nothing changes its storage class."
  }

  assert {
    condition     = one(one([for one in aws_s3_bucket_lifecycle_configuration.documents[0].rule : one if one.id == "abort-incomplete-uploads"]).abort_incomplete_multipart_upload).days_after_initiation == 7
    error_message = "Uploads that were cut off are removed after a week."
  }

  assert {
    condition = (
      aws_s3_bucket_notification.documents[0].eventbridge &&
      toset(aws_s3_bucket_notification.documents[0].queue[0].events) == toset(["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:LifecycleExpiration:*"]) &&
      aws_s3_bucket_notification.documents[0].queue[0].filter_prefix == null &&
      aws_s3_bucket_notification.documents[0].queue[0].filter_suffix == null
    )
    error_message = "Every change reaches the queue, unfiltered, and EventBridge as well: docferry sync refuses less."
  }

  # Tables.

  assert {
    condition = (
      aws_dynamodb_table.records[0].hash_key == "owner" && aws_dynamodb_table.records[0].range_key == "record_id" &&
      aws_dynamodb_table.records[0].stream_enabled && aws_dynamodb_table.records[0].stream_view_type == "NEW_AND_OLD_IMAGES" &&
      aws_dynamodb_table.control.hash_key == "id" && aws_dynamodb_table.conflicts.hash_key == "id" &&
      aws_dynamodb_table.journal.hash_key == "shard" && aws_dynamodb_table.journal.range_key == "name" &&
      one(aws_dynamodb_table.journal.ttl).attribute_name == "expires_at" && length(aws_dynamodb_table.records[0].ttl) == 0
    )
    error_message = "Tables have the keys, the stream and the expiry that docferry uses."
  }

  assert {
    condition = alltrue([
      for one in [aws_dynamodb_table.records[0], aws_dynamodb_table.control, aws_dynamodb_table.conflicts, aws_dynamodb_table.journal] :
      one.billing_mode == "PAY_PER_REQUEST" && one.deletion_protection_enabled && one.point_in_time_recovery[0].enabled && length(one.replica) == 0
    ])
    error_message = "Every table is on demand, protected, recoverable to any moment, and not replicated."
  }

  # Queues.

  assert {
    condition = (
      aws_sqs_queue.changes.visibility_timeout_seconds >= aws_lambda_function.data_sync.timeout &&
      aws_sqs_queue.changes.message_retention_seconds == 1209600 && aws_sqs_queue.changes_dead.message_retention_seconds == 1209600 &&
      jsondecode(aws_sqs_queue.changes.redrive_policy).maxReceiveCount == 100 &&
      aws_sqs_queue.changes.sqs_managed_sse_enabled && aws_sqs_queue.changes_dead.sqs_managed_sse_enabled && aws_sqs_queue.failures.sqs_managed_sse_enabled
    )
    error_message = "Changes are kept for 14 days, hidden for as long as the function may take, and tried 20 times."
  }

  assert {
    condition = (
      length(data.aws_iam_policy_document.changes.statement) == 1 &&
      toset(data.aws_iam_policy_document.changes.statement[0].condition[*].variable) == toset(["aws:SourceArn", "aws:SourceAccount"])
    )
    error_message = "Only this bucket of this account may send to the queue."
  }

  # Functions.

  assert {
    condition = alltrue([
      for one in [aws_lambda_function.data_sync, aws_lambda_function.validation] :
      one.architectures[0] == "arm64" && one.runtime == "python3.13" && one.timeout == 300 && one.memory_size == 1024 &&
      one.reserved_concurrent_executions == -1 && one.tracing_config[0].mode == "Active"
    ])
    error_message = "Both functions run on arm64, are traced, and set no concurrency aside."
  }

  assert {
    condition = (
      aws_lambda_function.data_sync.handler == "docferry.handlers.data_sync.handler" &&
      aws_lambda_function.validation.handler == "docferry.handlers.validation.handler" &&
      aws_lambda_function.data_sync.environment[0].variables == tomap({
        DOCFERRY_REPLICATION                 = "engine"
        DOCFERRY_EVENT_BUS                   = "test-1-eu-west-1-events-migration"
        DOCFERRY_RECORDS__DOCUMENT_ATTRIBUTE = "document_key"
        DOCFERRY_RUNNER__SCAN_SEGMENTS       = "4"
        DOCFERRY_RUNNER__WINDOW              = "64"
        DOCFERRY_CLIENT__LEASE_S             = "1"
        DOCFERRY_CLIENT__DEADLINE_S          = "60"
        DOCFERRY_SOURCE__REGION              = "us-east-1"
        DOCFERRY_SOURCE__BUCKET              = "test-1-us-east-1-s3-documents"
        DOCFERRY_SOURCE__TABLE               = "test-1-us-east-1-dynamodb-records"
        DOCFERRY_SOURCE__QUEUE               = "test-1-us-east-1-sqs-changes"
        DOCFERRY_SOURCE__CONTROL_TABLE       = "test-1-us-east-1-dynamodb-control"
        DOCFERRY_SOURCE__CONFLICTS_TABLE     = "test-1-us-east-1-dynamodb-conflicts"
        DOCFERRY_SOURCE__JOURNAL_TABLE       = "test-1-us-east-1-dynamodb-journal"
        DOCFERRY_TARGET__REGION              = "eu-west-1"
        DOCFERRY_TARGET__BUCKET              = "test-1-eu-west-1-s3-documents"
        DOCFERRY_TARGET__TABLE               = "test-1-eu-west-1-dynamodb-records"
        DOCFERRY_TARGET__QUEUE               = "test-1-eu-west-1-sqs-changes"
        DOCFERRY_TARGET__CONTROL_TABLE       = "test-1-eu-west-1-dynamodb-control"
        DOCFERRY_TARGET__CONFLICTS_TABLE     = "test-1-eu-west-1-dynamodb-conflicts"
        DOCFERRY_TARGET__JOURNAL_TABLE       = "test-1-eu-west-1-dynamodb-journal"
        DOCFERRY_SOURCE__WORKER_ROLE         = "arn:aws:iam::111122223333:role/test-1-us-east-1-iam-worker"
        DOCFERRY_TARGET__WORKER_ROLE         = "arn:aws:iam::111122223333:role/test-1-eu-west-1-iam-worker"
        POWERTOOLS_SERVICE_NAME              = "data_sync"
        POWERTOOLS_METRICS_NAMESPACE         = "docferry"
        LOG_LEVEL                            = "INFO"
      })
    )
    error_message = "A function is told everything by its environment, and no endpoint where AWS itself is meant."
  }

  assert {
    condition = (
      aws_lambda_event_source_mapping.changes.enabled && aws_lambda_event_source_mapping.records.enabled &&
      alltrue([
        for one in [aws_lambda_event_source_mapping.changes, aws_lambda_event_source_mapping.records] :
        one.function_response_types == toset(["ReportBatchItemFailures"])
      ]) &&
      aws_lambda_event_source_mapping.changes.scaling_config[0].maximum_concurrency == 10 &&
      aws_lambda_event_source_mapping.records.bisect_batch_on_function_error &&
      aws_lambda_event_source_mapping.records.maximum_retry_attempts == 20 &&
      aws_lambda_event_source_mapping.records.starting_position == "TRIM_HORIZON" &&
      length(aws_lambda_event_source_mapping.records.destination_config[0].on_failure) == 1
    )
    error_message = "Batches may fail in part, the queue's are limited, the stream's are halved and end on the dead-letter queue."
  }

  assert {
    condition     = aws_cloudwatch_log_group.data_sync.retention_in_days == 90 && aws_cloudwatch_log_group.validation.retention_in_days == 90
    error_message = "Logs are kept for as long as was asked."
  }

  # Permissions.

  assert {
    condition = alltrue(flatten([
      for document in [
        data.aws_iam_policy_document.data_sync_documents, data.aws_iam_policy_document.data_sync_tables,
        data.aws_iam_policy_document.data_sync_feeds, data.aws_iam_policy_document.data_sync_running, data.aws_iam_policy_document.data_sync_roles,
        data.aws_iam_policy_document.validation_stores, data.aws_iam_policy_document.validation_running,
        ] : [
        for statement in document.statement : [
          for action in statement.actions : !strcontains(action, "*")
        ]
      ]
    ]))
    error_message = "No statement allows a wildcard of actions."
  }

  assert {
    condition = toset(flatten([
      for document in [
        data.aws_iam_policy_document.data_sync_documents, data.aws_iam_policy_document.data_sync_tables,
        data.aws_iam_policy_document.data_sync_feeds, data.aws_iam_policy_document.data_sync_running, data.aws_iam_policy_document.data_sync_roles,
        data.aws_iam_policy_document.validation_stores, data.aws_iam_policy_document.validation_running,
        ] : [
        for statement in document.statement : statement.sid if contains(statement.resources, "*")
      ]
    ])) == toset(["ListStreams", "Trace"])
    error_message = "Only what AWS takes no resource for is allowed on all resources."
  }

  assert {
    condition = !anytrue(flatten([
      for document in [data.aws_iam_policy_document.validation_stores, data.aws_iam_policy_document.validation_running] : [
        for statement in document.statement : [
          for action in statement.actions : anytrue([
            strcontains(action, "s3:Put"), strcontains(action, "s3:Delete"), strcontains(action, "dynamodb:Delete"),
          ])
        ]
      ]
    ]))
    error_message = "Validation writes no document and deletes nothing."
  }

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.trust_lambda.statement : length(statement.condition) == 0]) && aws_iam_role.data_sync.permissions_boundary == null
    error_message = "Conditions on trust and boundaries are there only if asked for."
  }

  assert {
    condition = (
      length(aws_iam_role.access) == 0 && length(aws_iam_role_policy_attachment.access) == 0 &&
      !contains(keys(aws_lambda_function.data_sync.environment[0].variables), "DOCFERRY_TARGET__ROLE") &&
      length(data.aws_iam_policy_document.documents.source_policy_documents) == 0
    )
    error_message = "Within one account the functions reach both sides as themselves."
  }
}

run "target_when_completed" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    region                      = "eu-west-1"
    prefix                      = "test-1-eu-west-1"
    side                        = "target"
    migration_phase             = "completed"
    force_destroy               = true
    deletion_protection         = false
    records_range_key           = ""
    records_ttl_attribute       = "expires_at"
    lambda_reserved_concurrency = 20
    lambda_architecture         = "x86_64"
    kms_key_arns = {
      source = "arn:aws:kms:us-east-1:111122223333:key/one"
      target = "arn:aws:kms:eu-west-1:111122223333:key/two"
    }
    permissions_boundary_arn = "arn:aws:iam::111122223333:policy/bounds"
    trust_source_account     = true
    event_bus_name           = ""
    endpoint_url             = "http://127.0.0.1:4566"
  }

  assert {
    condition = { for one in aws_s3_bucket_lifecycle_configuration.documents[0].rule : one.id => one.status } == {
      "abort-incomplete-uploads"   = "Enabled"
      "expire-noncurrent-versions" = "Enabled"
      "archive-documents"          = "Enabled"
    }
    error_message = "Once the migration is completed, documents are archived and what it kept expires."
  }

  assert {
    condition     = one(one([for one in aws_s3_bucket_lifecycle_configuration.documents[0].rule : one if one.id == "archive-documents"]).transition).storage_class == "INTELLIGENT_TIERING"
    error_message = "Documents at the target go where access decides what they cost."
  }

  assert {
    condition     = !aws_lambda_event_source_mapping.changes.enabled && !aws_lambda_event_source_mapping.records.enabled
    error_message = "Once the migration is completed nothing is carried any more."
  }

  assert {
    condition = (
      one(one(aws_s3_bucket_server_side_encryption_configuration.documents[0].rule).apply_server_side_encryption_by_default).sse_algorithm == "aws:kms" &&
      one(one(aws_s3_bucket_server_side_encryption_configuration.documents[0].rule).apply_server_side_encryption_by_default).kms_master_key_id == "arn:aws:kms:eu-west-1:111122223333:key/two" &&
      toset(one([for statement in data.aws_iam_policy_document.data_sync_documents.statement : statement if statement.sid == "UseDocumentKeys"]).resources) == toset(["arn:aws:kms:us-east-1:111122223333:key/one", "arn:aws:kms:eu-west-1:111122223333:key/two"])
    )
    error_message = "With KMS keys each bucket has its own, and functions may use both."
  }

  assert {
    condition = (
      aws_s3_bucket.documents[0].force_destroy && !aws_dynamodb_table.control.deletion_protection_enabled &&
      aws_dynamodb_table.records[0].range_key == null && length(aws_dynamodb_table.records[0].attribute) == 1 &&
      one(aws_dynamodb_table.records[0].ttl).attribute_name == "expires_at" &&
      aws_lambda_function.data_sync.reserved_concurrent_executions == 20 && aws_lambda_function.data_sync.architectures[0] == "x86_64" &&
      aws_iam_role.data_sync.permissions_boundary == "arn:aws:iam::111122223333:policy/bounds" &&
      one(data.aws_iam_policy_document.trust_lambda.statement[0].condition).variable == "aws:SourceAccount"
    )
    error_message = "What is optional is there when it is asked for."
  }

  assert {
    condition = (
      aws_lambda_function.data_sync.environment[0].variables.DOCFERRY_AWS__ENDPOINT_URL == "http://127.0.0.1:4566" &&
      length([for statement in data.aws_iam_policy_document.data_sync_feeds.statement : statement if statement.sid == "PublishEvents"]) == 0
    )
    error_message = "Functions are told of an emulator; without a bus nobody may publish."
  }
}

run "adopted" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    adopted = { bucket = true, table = true }
  }

  override_data {
    target = data.aws_s3_bucket.adopted[0]
    values = {
      bucket = "test-1-us-east-1-s3-documents"
      arn    = "arn:aws:s3:::test-1-us-east-1-s3-documents"
      region = "us-east-1"
    }
  }

  override_data {
    target = data.aws_dynamodb_table.adopted[0]
    values = {
      name           = "test-1-us-east-1-dynamodb-records"
      arn            = "arn:aws:dynamodb:us-east-1:111122223333:table/test-1-us-east-1-dynamodb-records"
      stream_arn     = "arn:aws:dynamodb:us-east-1:111122223333:table/test-1-us-east-1-dynamodb-records/stream/2026"
      stream_enabled = true
      hash_key       = "owner"
      range_key      = "record_id"
    }
  }

  assert {
    condition = (
      length(aws_s3_bucket.documents) + length(aws_s3_bucket_versioning.documents) + length(aws_s3_bucket_policy.documents) +
      length(aws_s3_bucket_server_side_encryption_configuration.documents) + length(aws_s3_bucket_public_access_block.documents) +
      length(aws_s3_bucket_ownership_controls.documents) + length(aws_s3_bucket_lifecycle_configuration.documents) +
      length(aws_s3_bucket_notification.documents) + length(aws_dynamodb_table.records) == 0
    )
    error_message = "Nothing that its owner may have set for the whole bucket is created for an adopted bucket, and no table."
  }

  assert {
    condition = (
      toset(jsondecode(aws_cloudwatch_event_rule.changes[0].event_pattern).detail-type) == toset(["Object Created", "Object Deleted", "Object Tags Added", "Object Tags Deleted"]) &&
      jsondecode(aws_cloudwatch_event_rule.changes[0].event_pattern).detail.bucket.name == ["test-1-us-east-1-s3-documents"] &&
      length(aws_cloudwatch_event_target.changes) == 1 &&
      length(data.aws_iam_policy_document.changes.statement) == 2 &&
      aws_lambda_event_source_mapping.records.event_source_arn == "arn:aws:dynamodb:us-east-1:111122223333:table/test-1-us-east-1-dynamodb-records/stream/2026"
    )
    error_message = "Its changes come through EventBridge, those of the table through its own stream."
  }
}

run "adopted_in_the_wrong_region_with_other_keys" {
  command = plan

  module {
    source = "./modules/region"
  }

  variables {
    adopted = { bucket = true, table = true, notification = true }
  }

  override_data {
    target = data.aws_s3_bucket.adopted[0]
    values = { region = "us-west-2" }
  }

  override_data {
    target = data.aws_dynamodb_table.adopted[0]
    values = { stream_enabled = false, hash_key = "id", range_key = "" }
  }

  expect_failures = [data.aws_s3_bucket.adopted, data.aws_dynamodb_table.adopted]
}

run "with_the_hard_fence" {
  command = plan
  module {
    source = "./modules/region"
  }

  variables {
    hard_fence_enabled = true
    fence_exempt_arns  = ["arn:aws:iam::111122223333:role/replication"]
  }

  assert {
    condition = (
      aws_lambda_function.data_sync.environment[0].variables["DOCFERRY_SOURCE__PROBE_ROLE"] == "arn:aws:iam::111122223333:role/test-1-us-east-1-iam-probe" &&
      jsondecode(aws_lambda_function.data_sync.environment[0].variables["DOCFERRY_FENCE__EXEMPT"]) == [
        "arn:aws:iam::111122223333:role/test-1-us-east-1-iam-data-sync",
        "arn:aws:iam::111122223333:role/test-1-eu-west-1-iam-data-sync",
        "arn:aws:iam::111122223333:role/test-1-us-east-1-iam-worker",
        "arn:aws:iam::111122223333:role/test-1-eu-west-1-iam-worker",
        "arn:aws:iam::111122223333:role/operator",
        "arn:aws:iam::111122223333:role/replication",
      ]
    )
    error_message = "A switch must know whom to probe as, and whom never to deny."
  }

  assert {
    condition = (
      aws_iam_role.probe[0].name == "test-1-us-east-1-iam-probe" &&
      contains(keys(aws_iam_role_policy_attachment.data_sync), "fence") &&
      length(aws_iam_role_policy_attachment.probe) == 1
    )
    error_message = "With the fence come its probe and the leave to change policies."
  }
}

run "with_fencing_tokens" {
  command = plan
  module {
    source = "./modules/region"
  }

  assert {
    condition = (
      aws_iam_role.worker[0].name == "test-1-us-east-1-iam-worker" &&
      aws_lambda_function.data_sync.environment[0].variables["DOCFERRY_TARGET__WORKER_ROLE"] == "arn:aws:iam::111122223333:role/test-1-eu-west-1-iam-worker" &&
      contains(keys(aws_iam_role_policy_attachment.data_sync), "roles")
    )
    error_message = "Workers must have a role to write with, on either side."
  }

  assert {
    condition = (
      length([for one in data.aws_iam_policy_document.data_sync_documents.statement : one if one.sid == "WriteDocuments"]) == 0 &&
      length([for one in data.aws_iam_policy_document.data_sync_tables.statement : one if one.sid == "WriteRecords"]) == 0
    )
    error_message = "With tokens the function's own role must not write: its credentials do not end."
  }

  assert {
    condition = alltrue([
      for one in data.aws_iam_policy_document.worker.statement :
      !contains(["WriteDocuments", "WriteRecords", "TurnGatesAndNoteSwitches"], one.sid) ||
      alltrue([for resource in one.resources : strcontains(resource, "us-east-1")])
    ])
    error_message = "A worker role writes at its own side only."
  }

  assert {
    condition = anytrue([
      for one in data.aws_iam_policy_document.trust_data_sync["worker"].statement[0].condition :
      one.variable == "aws:PrincipalArn" && contains(one.values, "arn:aws:iam::111122223333:role/operator")
    ])
    error_message = "Operators run docferry's commands, too."
  }
}

run "without_fencing_tokens" {
  command = plan
  module {
    source = "./modules/region"
  }

  variables {
    fencing_token_enabled = false
  }

  assert {
    condition = (
      length(aws_iam_role.worker) == 0 &&
      !contains(keys(aws_lambda_function.data_sync.environment[0].variables), "DOCFERRY_TARGET__WORKER_ROLE") &&
      length([for one in data.aws_iam_policy_document.data_sync_documents.statement : one if one.sid == "WriteDocuments"]) == 1 &&
      length([for one in data.aws_iam_policy_document.data_sync_tables.statement : one if one.sid == "WriteRecords"]) == 1
    )
    error_message = "Without tokens the function's own role writes."
  }
}
