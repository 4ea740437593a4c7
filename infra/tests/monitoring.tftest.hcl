# Alarms: which there are in each region and mode, what no data means to each, and who is told.

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

run "engine" {
  command = plan

  variables {
    migration_phase = "sync"
    ledger_checked  = false
    alarm_emails    = ["ops@example.com"]
  }

  # Everything that a region alarms on, and that the target alarms on for both.
  assert {
    condition = toset([for name in module.source.alarm_names : trimprefix(name, "demo-us-east-1-cloudwatch-")]) == toset([
      "changes-age", "changes-failed", "control-read-throttles", "control-system-errors", "control-write-throttles",
      "data-sync-errors", "data-sync-iterator-age", "data-sync-near-timeout", "data-sync-throttles", "data-sync-undeliverable",
      "dead-letters", "failed-invocations", "journal-read-throttles", "journal-write-throttles", "records-read-throttles", "records-system-errors",
      "records-write-throttles", "validation-errors", "validation-near-timeout", "validation-throttles",
    ])
    error_message = "The source must alarm on its functions, queue and tables."
  }

  assert {
    condition = setsubtract(
      [for name in local.target_alarm_names : trimprefix(name, "demo-eu-west-1-cloudwatch-")],
      [for name in local.source_alarm_names : trimprefix(name, "demo-us-east-1-cloudwatch-")],
      ) == toset([
        "events-undelivered", "executions-failed", "executions-timed-out", "heartbeat-lag", "reverse-heartbeat-lag",
        "stuck-keys", "validation-differences",
    ])
    error_message = "The target must alarm on the whole migration as well."
  }

  assert {
    condition     = contains(local.source_alarm_names, "demo-us-east-1-cloudwatch-backups-failed") && contains(local.target_alarm_names, "demo-eu-west-1-cloudwatch-backup-copies-failed")
    error_message = "Both regions must alarm on failed backups and copies."
  }

  assert {
    condition = alltrue([
      for name in local.target_alarm_names : strcontains(aws_cloudwatch_composite_alarm.target_unhealthy.alarm_rule, "ALARM(\"${name}\")")
    ]) && aws_cloudwatch_composite_alarm.target_unhealthy.alarm_name == "demo-eu-west-1-cloudwatch-migration-unhealthy"
    error_message = "Every alarm must make the migration unhealthy."
  }

  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.central : alarm.alarm_actions == toset([module.target.alarms_topic_arn]) && alarm.treat_missing_data == "notBreaching"
    ])
    error_message = "The target's topic must be told of the executions and events."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.central["executions-failed"].dimensions.StateMachineArn == "arn:aws:states:eu-west-1:111122223333:stateMachine:demo-eu-west-1-states-migration"
    error_message = "Failed executions must be those of this state machine."
  }
}
