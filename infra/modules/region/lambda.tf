# The two functions of a region, both from one package, and what wakes data_sync.

locals {
  environment = merge(
    {
      DOCFERRY_REPLICATION                 = var.replication
      DOCFERRY_RECORDS__DOCUMENT_ATTRIBUTE = var.document_attribute
      DOCFERRY_RUNNER__WINDOW              = tostring(var.runner_window)
      DOCFERRY_RUNNER__SCAN_SEGMENTS       = tostring(var.scan_segments)
      DOCFERRY_CLIENT__LEASE_S             = tostring(var.client_lease_s)
      DOCFERRY_CLIENT__DEADLINE_S          = tostring(var.client_deadline_s)
      DOCFERRY_EVENT_BUS                   = var.event_bus_name
      POWERTOOLS_METRICS_NAMESPACE         = "docferry"
      LOG_LEVEL                            = var.log_level
    },
    var.endpoint_url == "" ? {} : { DOCFERRY_AWS__ENDPOINT_URL = var.endpoint_url },
    local.fence_environment,
    local.worker_environment,
    [
      for side, one in var.sides : {
        for setting in ["region", "bucket", "table", "queue", "control_table", "conflicts_table", "journal_table"] :
        "DOCFERRY_${upper(side)}__${upper(setting)}" => one[setting]
      }
    ]...
  )

  # Replication carries the changes in native mode, and outside of these phases nobody does.
  follows = var.replication == "engine" && contains(["sync", "cutover"], var.migration_phase)
}

resource "aws_cloudwatch_log_group" "data_sync" {
  name              = "/aws/lambda/${local.names["data-sync"]}"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_group" "validation" {
  name              = "/aws/lambda/${local.names["validation"]}"
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_function" "data_sync" {
  function_name = local.names["data-sync"]
  description   = "docferry: carries changes, fills the other side and turns the gates"
  role          = aws_iam_role.data_sync.arn

  filename         = var.lambda_package
  source_code_hash = filebase64sha256(var.lambda_package)
  handler          = "docferry.handlers.data_sync.handler"
  runtime          = var.lambda_runtime
  architectures    = [var.lambda_architecture]

  memory_size = var.lambda_memory_mb
  timeout     = var.lambda_timeout_s
  # The event source mapping limits what the queue may take. -1: nothing is set aside.
  reserved_concurrent_executions = coalesce(var.lambda_reserved_concurrency, -1)

  environment {
    variables = merge(local.environment, local.access_environment["data-sync"], { POWERTOOLS_SERVICE_NAME = "data_sync" })
  }

  tracing_config {
    mode = "Active"
  }

  logging_config {
    log_format = "Text" # Powertools writes JSON itself, metrics included.
    log_group  = aws_cloudwatch_log_group.data_sync.name
  }

  # Without its permissions it would fail on the first change.
  depends_on = [aws_iam_role_policy_attachment.data_sync]
}

resource "aws_lambda_function" "validation" {
  function_name = local.names["validation"]
  description   = "docferry: compares both sides"
  role          = aws_iam_role.validation.arn

  filename         = var.lambda_package
  source_code_hash = filebase64sha256(var.lambda_package)
  handler          = "docferry.handlers.validation.handler"
  runtime          = var.lambda_runtime
  architectures    = [var.lambda_architecture]

  memory_size                    = var.lambda_memory_mb
  timeout                        = var.lambda_timeout_s
  reserved_concurrent_executions = coalesce(var.lambda_reserved_concurrency, -1)

  environment {
    variables = merge(local.environment, local.access_environment["validation"], { POWERTOOLS_SERVICE_NAME = "validation" })
  }

  tracing_config {
    mode = "Active"
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.validation.name
  }

  depends_on = [aws_iam_role_policy_attachment.validation]
}

# Invocations that nobody waits for. The schedule comes again by itself, so that one is not tried again.
resource "aws_lambda_function_event_invoke_config" "data_sync" {
  function_name                = aws_lambda_function.data_sync.function_name
  maximum_retry_attempts       = 0
  maximum_event_age_in_seconds = 60

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failures.arn
    }
  }
}

resource "aws_lambda_function_event_invoke_config" "validation" {
  function_name                = aws_lambda_function.validation.function_name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 3600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failures.arn
    }
  }
}

resource "aws_lambda_event_source_mapping" "changes" {
  event_source_arn = aws_sqs_queue.changes.arn
  function_name    = aws_lambda_function.data_sync.arn
  enabled          = local.follows

  batch_size                         = 100
  maximum_batching_window_in_seconds = 1
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = var.lambda_max_concurrency
  }
}

resource "aws_lambda_event_source_mapping" "records" {
  event_source_arn = local.table.stream_arn
  function_name    = aws_lambda_function.data_sync.arn
  enabled          = local.follows

  # From the oldest change on: to look at a record once more does no harm, to miss one does.
  starting_position                  = "TRIM_HORIZON"
  batch_size                         = 100
  maximum_batching_window_in_seconds = 1
  parallelization_factor             = 2
  bisect_batch_on_function_error     = true
  maximum_retry_attempts             = 20
  function_response_types            = ["ReportBatchItemFailures"]

  # What is given up here is still read by the runner, which follows the stream itself.
  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.failures.arn
    }
  }
}
