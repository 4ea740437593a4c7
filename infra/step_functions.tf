# The state machine that does the whole migration, in the target region, where the ledger is. It decides what comes
# next; the functions do it. Its definition is in state_machines/.

locals {
  machine_name = "${local.target_prefix}-states-migration"
  machine_arn = join(":", [
    "arn", data.aws_partition.current.partition, "states", var.target_region,
    data.aws_caller_identity.target.account_id, "stateMachine", local.machine_name,
  ])

  executions_arn = replace(local.machine_arn, ":stateMachine:", ":execution:")

  # A standard execution ends at 25,000 events of history, each child of a distributed map having one of its own.
  # A turn of a loop takes 9 events (task 5, choice 2, count 2), and 3 more for each of at most 21 retries, so 72:
  #   a child   300 turns                                                      21,600, every turn retried to the last
  #   the rest  50 of the plan, 60 of repairs before the cutover, 60 after     12,240, likewise
  #             1,001 looks, each 11 (task 5, choice 2, count 2, wait 2)       11,011
  #             every other state                                               1,700 at most
  # tests/terraform/test_state_machine.py counts this again. The whole range of watch_hours is within it, because the
  # looks get rarer instead of more: every 60 s up to 16 hours, every 87 s for a day, every 20 minutes for two weeks.
  machine_turns = { child_turns = 300, plan_turns = 50, repair_turns = 60 }
  look_every_s  = max(60, ceil(var.watch_hours * 3600 / 1000))

  machine_retry = { for kind, retriers in jsondecode(file("${path.module}/state_machines/retry.json")) : "retry_${kind}" => jsonencode(retriers) }

  machine_values = merge(local.machine_turns, local.machine_retry, {
    partition         = data.aws_partition.current.partition
    data_sync         = module.target.data_sync_function_arn
    validation        = module.target.validation_function_arn
    event_bus         = local.event_bus_name
    approval_required = var.approval_required
    repair_allowed    = var.repair_allowed
    repair_rounds     = 3

    map_concurrency              = var.map_concurrency
    tolerated_failure_percentage = var.tolerated_failure_percentage

    # Longer than the function's own timeout: that the function ran into it should be said by the function.
    task_timeout_s     = var.lambda_timeout_s + 30
    approval_timeout_s = var.approval_timeout_hours * 3600
    fresh_ms           = 23 * 3600 * 1000
    look_every_s       = local.look_every_s
    max_pause_s        = var.max_pause_s
    max_lag_s          = var.max_lag_s
    looks              = ceil(var.watch_hours * 3600 / local.look_every_s) + 1
  })

  # What each map runs for every item.
  machine_children = {
    backfill_documents = { label = "Backfill of a range", function = "data_sync", step = "backfill_documents", item = "range" }
    backfill_records   = { label = "Backfill of a segment", function = "data_sync", step = "backfill_records", item = "segment" }
    validate_documents = { label = "Validation of a range", function = "validation", step = "documents", item = "range" }
    validate_records   = { label = "Validation of a segment", function = "validation", step = "records", item = "segment" }
  }

  machine_snippets = {
    for name, child in local.machine_children : name => templatefile(
      "${path.module}/state_machines/turns.asl.json",
      merge(local.machine_values, child, { function = local.machine_values[child.function] })
    )
  }

  machine_states = [
    for part in sort(fileset("${path.module}/state_machines/migration", "*.json")) : jsondecode(templatefile(
      "${path.module}/state_machines/migration/${part}", merge(local.machine_values, local.machine_snippets)
    ))
  ]
}

resource "aws_sfn_state_machine" "migration" {
  count    = var.step_functions_enabled ? 1 : 0
  provider = aws.target

  name       = local.machine_name
  type       = "STANDARD"
  role_arn   = aws_iam_role.machine[0].arn
  definition = templatefile("${path.module}/state_machines/migration.asl.json", { states = jsonencode(merge(local.machine_states...)) })

  # Errors only, and without what went in and came out: causes quote messages that may name documents. The execution's
  # own history has them for 90 days, for those who may read it.
  logging_configuration {
    level                  = "ERROR"
    include_execution_data = false
    log_destination        = "${aws_cloudwatch_log_group.machine[0].arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  depends_on = [aws_iam_role_policy_attachment.machine]
}

# The prefix keeps its entry in the account's one resource policy of log deliveries short, which is limited to 5,120 characters.
resource "aws_cloudwatch_log_group" "machine" {
  count    = var.step_functions_enabled ? 1 : 0
  provider = aws.target

  name              = "/aws/vendedlogs/states/${local.machine_name}"
  retention_in_days = var.log_retention_days
}

resource "aws_iam_role" "machine" {
  count    = var.step_functions_enabled ? 1 : 0
  provider = aws.target

  name                 = "${local.target_prefix}-iam-states"
  description          = "What the state machine of the migration may do."
  assume_role_policy   = data.aws_iam_policy_document.machine_trust[0].json
  permissions_boundary = var.permissions_boundary_arn == "" ? null : var.permissions_boundary_arn
}

data "aws_iam_policy_document" "machine_trust" {
  count    = var.step_functions_enabled ? 1 : 0
  provider = aws.target

  statement {
    sid     = "StateMachine"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["states.amazonaws.com"]
    }

    # Against the confused deputy, as AWS documents it for Step Functions, with this wildcard: a child of a distributed
    # map has an ARN of another form than the machine.
    # https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [data.aws_caller_identity.target.account_id]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [replace(local.machine_arn, local.machine_name, "*")]
    }
  }
}

data "aws_iam_policy_document" "machine" {
  count    = var.step_functions_enabled ? 1 : 0
  provider = aws.target

  # Without a version or alias: the definition names none.
  statement {
    sid       = "Functions"
    actions   = ["lambda:InvokeFunction"]
    resources = [module.target.data_sync_function_arn, module.target.validation_function_arn]
  }

  statement {
    sid       = "StartChildren"
    actions   = ["states:StartExecution"]
    resources = [local.machine_arn]
  }

  # Children are executions named NAME/LABEL:ID; AWS's own example gives the first form for these two.
  # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
  statement {
    sid       = "FollowChildren"
    actions   = ["states:DescribeExecution", "states:StopExecution"]
    resources = ["${local.executions_arn}:*", "${local.executions_arn}/*"]
  }

  statement {
    sid       = "RedriveChildren"
    actions   = ["states:RedriveExecution"]
    resources = ["${local.executions_arn}/*"]
  }

  dynamic "statement" {
    for_each = aws_cloudwatch_event_bus.migration
    content {
      sid       = "Events"
      actions   = ["events:PutEvents"]
      resources = [statement.value.arn]
    }
  }

  # AWS knows no resource for these: they are about deliveries of logs and traces, which have no ARN when they are made.
  # https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
  # https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html
  statement {
    sid = "LogDelivery"
    actions = [
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeLogGroups",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
    ]
    resources = ["*"]
  }

  statement {
    sid = "Traces"
    actions = [
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]
    resources = ["*"]
  }
}

resource "aws_iam_policy" "machine" {
  count    = var.step_functions_enabled ? 1 : 0
  provider = aws.target

  name        = "${local.target_prefix}-iam-states"
  description = "What the state machine of the migration may do."
  policy      = data.aws_iam_policy_document.machine[0].json
}

resource "aws_iam_role_policy_attachment" "machine" {
  count    = var.step_functions_enabled ? 1 : 0
  provider = aws.target

  role       = aws_iam_role.machine[0].name
  policy_arn = aws_iam_policy.machine[0].arn
}
