# What may be switched off and on again in a deployed stack: applied on mocks, where a cycle shows.

mock_provider "aws" {
  alias  = "source"
  source = "./tests/mocks"
}

mock_provider "aws" {
  alias  = "target"
  source = "./tests/mocks"
}

variables {
  environment      = "test-1"
  source_region    = "us-east-1"
  target_region    = "eu-west-1"
  cutover_date     = "2027-01-31"
  lambda_package   = "tests/fixtures/package.zip"
  ledger_checked   = false
  backup_documents = true
}

run "everything" {
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.central) == 3 && length(aws_cloudwatch_metric_alarm.source_backup) == 2
    error_message = "There must be something to be switched off."
  }
}

run "without_events" {
  variables {
    eventbridge_enabled = false
  }

  assert {
    condition = (
      length(aws_cloudwatch_event_bus.migration) == 0 && length(aws_sfn_state_machine.migration) == 1 &&
      !strcontains(aws_cloudwatch_composite_alarm.target_unhealthy.alarm_rule, "events-undelivered") &&
      strcontains(aws_sfn_state_machine.migration[0].definition, "\"event_bus\":\"\"")
    )
    error_message = "Without events the alarm over all alarms must not name theirs, and the state machine tells nobody."
  }
}

run "without_events_and_state_machine" {
  variables {
    eventbridge_enabled    = false
    step_functions_enabled = false
  }

  assert {
    condition     = length(aws_sfn_state_machine.migration) == 0 && length(aws_cloudwatch_metric_alarm.central) == 0
    error_message = "Without events and state machine there is nothing to watch but functions and stores."
  }
}

run "events_without_the_state_machine" {
  variables {
    step_functions_enabled = false
  }

  assert {
    condition     = length(aws_cloudwatch_event_bus.migration) == 1 && contains(keys(aws_cloudwatch_event_rule.answer), "repair")
    error_message = "Where no state machine repairs, an event does."
  }
}

run "without_backups" {
  variables {
    backup_enabled   = false
    backup_documents = false
  }

  assert {
    condition     = length(aws_backup_vault.source) == 0 && !strcontains(aws_cloudwatch_composite_alarm.source_unhealthy.alarm_rule, "backup")
    error_message = "Without backups the alarm over all alarms must not name theirs."
  }
}

run "everything_again" {
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.central) == 3 && length(aws_cloudwatch_metric_alarm.source_backup) == 2 && length(aws_cloudwatch_event_bus.migration) == 1
    error_message = "What was switched off must come back."
  }
}
