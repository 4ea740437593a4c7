# The event bus of the migration, in the target region, and the schedule that keeps data_sync following changes.
#
# docferry's functions and the state machine put events on the bus (source "docferry"); the rules here answer them. What is
# logged, and what could not be delivered, is in eventbridge_kept.tf.

locals {
  event_bus_name = var.eventbridge_enabled ? "${local.target_prefix}-events-migration" : ""

  # Every kind of event that a person should hear of, and what it says in a mail. "Documents Synced" comes many times a
  # minute: it is logged.
  told_events = {
    documents-failed    = { type = "Documents Failed", about = "changes were left on the feed" }
    phase-changed       = { type = "Phase Changed", about = "the migration is in another phase" }
    validation-finished = { type = "Validation Finished", about = "a validation has ended" }
    cutover             = { type = "Cutover", about = "applications write in ${var.target_region} now" }
    rollback            = { type = "Rollback", about = "applications write in ${var.source_region} again" }
    approval-asked      = { type = "Approval Asked", about = "someone has to answer: docferry approve WHAT, with --reject or without" }
    migration-failed    = { type = "Migration Failed", about = "the state machine stopped; data is safe" }
    migration-unhealthy = { type = "Migration Unhealthy", about = "the watch after the cutover is worried; it asks whether to roll back" }
  }

  # Steps of data_sync that events start by themselves.
  answers = {
    # Changes left on the feed come again by themselves after their visibility timeout; a follow goes through what is
    # stuck at once. No circle grows from it: told not to wait, it ends at once where another one is at work.
    retry = {
      pattern = { source = ["docferry"], detail-type = ["Documents Failed"] }
      input   = { step = "follow", wait = false }
      enabled = true
    }
    # The state machine repairs and validates again by itself; two repairs would be in each other's way.
    repair = {
      pattern = { source = ["docferry"], detail-type = ["Validation Finished"], detail = { differences = [{ numeric = [">", 0] }] } }
      input   = { step = "repair" }
      enabled = var.repair_allowed && !var.step_functions_enabled
    }
  }
  enabled_answers = { for name, answer in local.answers : name => answer if var.eventbridge_enabled && answer.enabled }
}

resource "aws_cloudwatch_event_bus" "migration" {
  count    = var.eventbridge_enabled ? 1 : 0
  provider = aws.target

  name        = local.event_bus_name
  description = "What happens in the migration to ${var.target_region}."
}

resource "aws_cloudwatch_event_archive" "migration" {
  count    = var.eventbridge_enabled ? 1 : 0
  provider = aws.target

  # An archive's name is limited to 48 characters, so it has no service in it.
  name             = "${local.target_prefix}-events"
  description      = "Every event of the migration, to replay or to read afterwards."
  event_source_arn = aws_cloudwatch_event_bus.migration[0].arn
  retention_days   = var.event_archive_days
  event_pattern    = jsonencode({ source = ["docferry"] })
}

# People are told.

resource "aws_cloudwatch_event_rule" "told" {
  for_each = var.eventbridge_enabled ? local.told_events : {}
  provider = aws.target

  name           = "${local.target_prefix}-events-${each.key}"
  description    = "Tells that ${each.value.about}."
  event_bus_name = aws_cloudwatch_event_bus.migration[0].name
  event_pattern  = jsonencode({ source = ["docferry"], detail-type = [each.value.type] })
}

resource "aws_cloudwatch_event_target" "told" {
  for_each = aws_cloudwatch_event_rule.told
  provider = aws.target

  rule           = each.value.name
  event_bus_name = each.value.event_bus_name
  target_id      = "people"
  arn            = module.target.alarms_topic_arn

  input_transformer {
    input_paths = { type = "$.detail-type", at = "$.time", detail = "$.detail" }
    # Not jsonencode: it would escape the angle brackets.
    input_template = "{\"docferry\": <type>, \"about\": \"${local.told_events[each.key].about}\", \"at\": <at>, \"detail\": <detail>}"
  }

  dead_letter_config {
    arn = aws_sqs_queue.events_dead[0].arn
  }
}

# Functions answer.

resource "aws_cloudwatch_event_rule" "answer" {
  for_each = local.enabled_answers
  provider = aws.target

  name           = "${local.target_prefix}-events-${each.key}"
  description    = "Starts data_sync's step ${each.value.input.step}."
  event_bus_name = aws_cloudwatch_event_bus.migration[0].name
  event_pattern  = jsonencode(each.value.pattern)
}

resource "aws_cloudwatch_event_target" "answer" {
  for_each = aws_cloudwatch_event_rule.answer
  provider = aws.target

  rule           = each.value.name
  event_bus_name = each.value.event_bus_name
  target_id      = "data-sync"
  arn            = module.target.data_sync_function_arn
  input          = jsonencode(local.answers[each.key].input)

  # An answer that comes an hour late is of no use any more.
  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 10
  }

  dead_letter_config {
    arn = aws_sqs_queue.events_dead[0].arn
  }

  depends_on = [aws_lambda_permission.events]
}

# The schedule. Scheduled rules work on the default bus only.

resource "aws_cloudwatch_event_rule" "follow" {
  count    = var.eventbridge_enabled ? 1 : 0
  provider = aws.target

  name                = "${local.target_prefix}-events-follow"
  description         = "Keeps a runner going: heartbeats, progress, and what is stuck."
  schedule_expression = "rate(1 minute)"
  state               = contains(["sync", "cutover"], var.migration_phase) ? "ENABLED" : "DISABLED"
}

resource "aws_cloudwatch_event_target" "follow" {
  count    = var.eventbridge_enabled ? 1 : 0
  provider = aws.target

  rule      = aws_cloudwatch_event_rule.follow[0].name
  target_id = "data-sync"
  arn       = module.target.data_sync_function_arn
  input     = jsonencode({ step = "follow" })

  # The next minute brings the next: one that could not be started at once is dropped.
  retry_policy {
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 0
  }

  dead_letter_config {
    arn = aws_sqs_queue.events_dead[0].arn
  }

  depends_on = [aws_lambda_permission.events]
}

# A permission for each rule, and for no other rule of the account.
resource "aws_lambda_permission" "events" {
  for_each = merge(
    { for name, rule in aws_cloudwatch_event_rule.answer : name => rule.arn },
    var.eventbridge_enabled ? { follow = aws_cloudwatch_event_rule.follow[0].arn } : {},
  )
  provider = aws.target

  statement_id  = "events-${each.key}"
  action        = "lambda:InvokeFunction"
  function_name = module.target.data_sync_function_name
  principal     = "events.amazonaws.com"
  source_arn    = each.value
}
