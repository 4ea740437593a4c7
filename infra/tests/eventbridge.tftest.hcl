# The bus, its rules and answers, and the schedule.

mock_provider "aws" {
  alias           = "source"
  source          = "./tests/mocks"
  override_during = plan
}

mock_provider "aws" {
  alias           = "target"
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  environment    = "demo"
  source_region  = "us-east-1"
  target_region  = "eu-west-1"
  cutover_date   = "2026-03-28"
  lambda_package = "tests/fixtures/package.zip"
}

run "in_sync" {
  command = plan

  variables {
    migration_phase        = "sync"
    ledger_checked         = false
    event_archive_days     = 90
    step_functions_enabled = false
  }

  assert {
    condition = (
      aws_cloudwatch_event_bus.migration[0].name == "demo-eu-west-1-events-migration" &&
      aws_cloudwatch_event_archive.migration[0].retention_days == 90 &&
      length(aws_cloudwatch_event_archive.migration[0].name) <= 48
    )
    error_message = "There must be a bus in the target region and an archive of 90 days, whose name AWS takes."
  }

  # A rule for every kind of event that the contract between functions, state machine and bus knows.
  assert {
    condition = toset(flatten([for rule in merge(aws_cloudwatch_event_rule.told, aws_cloudwatch_event_rule.logged) : jsondecode(rule.event_pattern)["detail-type"]])) == toset([
      "Documents Synced", "Documents Failed", "Phase Changed", "Validation Finished", "Cutover", "Rollback",
      "Approval Asked", "Migration Failed", "Migration Unhealthy",
    ])
    error_message = "Every kind of event must have its rule."
  }

  assert {
    condition = alltrue([
      for name, target in aws_cloudwatch_event_target.told :
      target.arn == module.target.alarms_topic_arn && length(target.dead_letter_config) == 1 && length(aws_cloudwatch_event_rule.told[name].name) <= 64 &&
      strcontains(target.input_transformer[0].input_template, "<detail>")
    ])
    error_message = "People must be told over the target's topic, with what happened, and what cannot be delivered must be kept."
  }

  assert {
    condition = (
      jsondecode(aws_cloudwatch_event_target.answer["retry"].input) == { step = "follow", wait = false } &&
      jsondecode(aws_cloudwatch_event_rule.answer["retry"].event_pattern)["detail-type"] == ["Documents Failed"]
    )
    error_message = "Failures must be tried again."
  }

  assert {
    condition = (
      jsondecode(aws_cloudwatch_event_target.answer["repair"].input) == { step = "repair" } &&
      jsondecode(aws_cloudwatch_event_rule.answer["repair"].event_pattern).detail.differences == [{ numeric = [">", 0] }]
    )
    error_message = "Differences, and no clean validation, must be repaired."
  }

  assert {
    condition = (
      aws_cloudwatch_event_rule.follow[0].schedule_expression == "rate(1 minute)" && aws_cloudwatch_event_rule.follow[0].state == "ENABLED" &&
      jsondecode(aws_cloudwatch_event_target.follow[0].input) == { step = "follow" } &&
      length(aws_cloudwatch_event_target.follow[0].dead_letter_config) == 1
    )
    error_message = "Every minute in the phase sync a runner must be started."
  }

  assert {
    condition     = keys(aws_lambda_permission.events) == ["follow", "repair", "retry"] && alltrue([for one in aws_lambda_permission.events : one.principal == "events.amazonaws.com" && one.source_arn != null])
    error_message = "Each rule that starts the function, and no other, must be permitted to."
  }
}

run "planning_without_repair" {
  command = plan

  variables {
    migration_phase = "planning"
    repair_allowed  = false
  }

  assert {
    condition     = aws_cloudwatch_event_rule.follow[0].state == "DISABLED"
    error_message = "While it is planned nothing may follow."
  }

  assert {
    condition     = keys(aws_cloudwatch_event_rule.answer) == ["retry"] && keys(aws_lambda_permission.events) == ["follow", "retry"]
    error_message = "Where no repair is allowed, or the state machine does it, no event may start one."
  }
}

run "without_it" {
  command = plan

  variables {
    eventbridge_enabled = false
  }

  assert {
    condition = (
      length(aws_cloudwatch_event_bus.migration) + length(aws_cloudwatch_event_rule.told) + length(aws_cloudwatch_event_rule.logged) +
      length(aws_cloudwatch_event_rule.answer) + length(aws_cloudwatch_event_rule.follow) + length(aws_lambda_permission.events) +
      length(aws_sqs_queue.events_dead) == 0 && output.event_bus_name == ""
    )
    error_message = "eventbridge_enabled = false must leave nothing of it."
  }
}

run "bad_values" {
  command = plan

  variables {
    event_archive_days = 0
  }

  expect_failures = [var.event_archive_days]
}
