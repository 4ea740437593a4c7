# The state machine: what it is allowed, what its templates get, and that its limits hold for every length of the watch.

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

run "state_machine" {
  command = plan

  variables {
    map_concurrency              = 7
    tolerated_failure_percentage = 2
    lambda_timeout_s             = 300
  }

  assert {
    condition     = aws_sfn_state_machine.migration[0].name == "demo-eu-west-1-states-migration" && aws_sfn_state_machine.migration[0].type == "STANDARD"
    error_message = "The state machine must be a standard one, named by the scheme, in the target region."
  }

  assert {
    condition = alltrue([
      for name in ["Backfill documents", "Backfill records", "Validate documents", "Validate records"] :
      jsondecode(aws_sfn_state_machine.migration[0].definition).States[name].MaxConcurrency == 7 &&
      jsondecode(aws_sfn_state_machine.migration[0].definition).States[name].ToleratedFailurePercentage == 2 &&
      jsondecode(aws_sfn_state_machine.migration[0].definition).States[name].ItemProcessor.ProcessorConfig.Mode == "DISTRIBUTED"
    ])
    error_message = "Every map must be distributed, with the concurrency and the tolerance of the variables."
  }

  assert {
    condition = alltrue([
      for name, state in jsondecode(aws_sfn_state_machine.migration[0].definition).States :
      state.TimeoutSeconds == 330 if try(endswith(state.Resource, "lambda:invoke"), false)
    ])
    error_message = "A task must wait a little longer than the function's own timeout, so that the function says what happened."
  }

  # The same numbers as in tests/terraform/test_state_machine.py, which adds up the history.
  assert {
    condition     = local.machine_turns == { child_turns = 300, plan_turns = 50, repair_turns = 60 }
    error_message = "The bounds of the loops are added up in tests/terraform/test_state_machine.py: change both."
  }

  assert {
    condition     = local.look_every_s == 87 && local.machine_values.looks == 995
    error_message = "A day must be watched every 87 s: 995 looks."
  }

  assert {
    condition = (
      aws_sfn_state_machine.migration[0].logging_configuration[0].level == "ERROR" &&
      aws_sfn_state_machine.migration[0].logging_configuration[0].include_execution_data == false &&
      aws_sfn_state_machine.migration[0].tracing_configuration[0].enabled
    )
    error_message = "Errors must be logged without their data, and traces made."
  }

  assert {
    condition     = aws_cloudwatch_log_group.machine[0].name == "/aws/vendedlogs/states/demo-eu-west-1-states-migration" && aws_cloudwatch_log_group.machine[0].retention_in_days == 90
    error_message = "The log group must have the prefix for deliveries, and end."
  }

  # Its role is narrow.
  assert {
    condition     = aws_iam_role.machine[0].name == "demo-eu-west-1-iam-states"
    error_message = "The role must be named by the scheme."
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.machine[0].statement : (
        contains(["LogDelivery", "Traces"], statement.sid) || !contains(statement.resources, "*")
      ) && !anytrue([for action in statement.actions : strcontains(action, "*")])
    ])
    error_message = "No action may be a wildcard, and no resource where AWS knows one."
  }

  assert {
    condition = one([
      for statement in data.aws_iam_policy_document.machine[0].statement : statement.resources if statement.sid == "StartChildren"
    ]) == toset(["arn:aws:states:eu-west-1:111122223333:stateMachine:demo-eu-west-1-states-migration"])
    error_message = "It may start itself only."
  }

  assert {
    condition = toset([for condition in data.aws_iam_policy_document.machine_trust[0].statement[0].condition : condition.variable]) == toset([
      "aws:SourceAccount", "aws:SourceArn",
    ])
    error_message = "The role must be trusted for this account's state machines only."
  }

  assert {
    condition     = length([for statement in data.aws_iam_policy_document.machine[0].statement : statement if statement.sid == "Events"]) == 1
    error_message = "It must be allowed to put events on its bus."
  }
}

run "watched_once" {
  command = plan

  variables {
    watch_hours         = 0
    approval_required   = false
    repair_allowed      = false
    eventbridge_enabled = false
    max_pause_s         = 30
    max_lag_s           = 12.5
  }

  assert {
    condition     = local.machine_values.looks == 1
    error_message = "watch_hours = 0 must mean one look."
  }

  assert {
    condition = jsondecode(aws_sfn_state_machine.migration[0].definition).States["Settings"].Parameters.settings == {
      approval_required = false
      repair_allowed    = false
      event_bus         = ""
    }
    error_message = "The machine must know what it may do and that there is no bus."
  }

  assert {
    condition = alltrue([
      for state, step in { "Cutover" = "cutover", "Rollback" = "rollback" } :
      jsondecode(aws_sfn_state_machine.migration[0].definition).States[state].Parameters.Payload == {
        step        = step
        max_pause_s = 30
        max_lag_s   = 12.5
      }
    ])
    error_message = "Both switches must be held to the bounds that were asked for."
  }

  assert {
    condition     = length([for statement in data.aws_iam_policy_document.machine[0].statement : statement if statement.sid == "Events"]) == 0
    error_message = "Without a bus it needs no permission for one."
  }
}

run "watched_longest" {
  command = plan

  variables {
    watch_hours            = 336
    approval_timeout_hours = 2160
  }

  assert {
    condition     = local.look_every_s == 1210 && local.machine_values.looks == 1001
    error_message = "Two weeks must be watched in 1,001 looks, for which the history has room."
  }
}

run "without_it" {
  command = plan

  variables {
    step_functions_enabled = false
  }

  assert {
    condition     = length(aws_sfn_state_machine.migration) + length(aws_iam_role.machine) + length(aws_cloudwatch_log_group.machine) == 0
    error_message = "step_functions_enabled = false must leave nothing of it."
  }

  assert {
    condition     = output.state_machine_arn == "" && !anytrue([for name in keys(aws_cloudwatch_metric_alarm.central) : startswith(name, "executions")])
    error_message = "Without it there is nothing to name and nothing to alarm on."
  }
}

run "bad_values" {
  command = plan

  variables {
    map_concurrency              = 0
    tolerated_failure_percentage = 101
    watch_hours                  = 337
    approval_timeout_hours       = 0
    max_pause_s                  = 121
    max_lag_s                    = 0
  }

  expect_failures = [
    var.map_concurrency,
    var.tolerated_failure_percentage,
    var.watch_hours,
    var.approval_timeout_hours,
    var.max_pause_s,
    var.max_lag_s,
  ]
}
