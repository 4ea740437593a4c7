# Alarms on what there is once, and one alarm a region over all of them: "migration unhealthy".

locals {
  # The state machine and what carries events are in the target region.
  central_alarms = merge(
    !var.step_functions_enabled ? {} : {
      executions-failed = {
        what       = "The state machine stopped. Data is safe; its event and the execution's history say why. Mend it, then redrive the execution."
        namespace  = "AWS/States", metric = "ExecutionsFailed"
        dimensions = { StateMachineArn = local.machine_arn }, statistic = "Sum"
      }
      executions-timed-out = {
        what       = "The state machine ran for too long and was ended. What is done is in the ledger: redrive the execution."
        namespace  = "AWS/States", metric = "ExecutionsTimedOut"
        dimensions = { StateMachineArn = local.machine_arn }, statistic = "Sum"
      }
    },
    !var.eventbridge_enabled ? {} : {
      events-undelivered = {
        what       = "Events or scheduled starts could not be delivered and are in ${local.target_prefix}-sqs-events-dead: each says why. What it should have started can be started by hand."
        namespace  = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible"
        dimensions = { QueueName = "${local.target_prefix}-sqs-events-dead" }, statistic = "Maximum"
      }
    },
  )

  # A vault's failed jobs: those that made a backup in it, and those that copied one into it.
  backup_alarms = !var.backup_enabled ? {} : {
    backups-failed       = { metric = "NumberOfBackupJobsFailed", what = "A backup failed or was not finished in time." }
    backup-copies-failed = { metric = "NumberOfCopyJobsFailed", what = "The copy of a backup into this region failed." }
  }
}

# No data means no execution or an empty queue: well.
resource "aws_cloudwatch_metric_alarm" "central" {
  for_each = local.central_alarms
  provider = aws.target

  alarm_name          = "${local.target_prefix}-cloudwatch-${each.key}"
  alarm_description   = each.value.what
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 60
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.target.alarms_topic_arn]

  # Switched off, it goes only after the composite alarm that names it has been told.
  lifecycle {
    create_before_destroy = true
  }
}

# Jobs run once a day: the alarm is over when an hour has passed without another failure.
resource "aws_cloudwatch_metric_alarm" "source_backup" {
  for_each = local.backup_alarms
  provider = aws.source

  alarm_name          = "${local.source_prefix}-cloudwatch-${each.key}"
  alarm_description   = "${each.value.what} Vault ${local.source_prefix}-backup-vault; AWS Backup's list of jobs says why."
  namespace           = "AWS/Backup"
  metric_name         = each.value.metric
  dimensions          = { BackupVaultName = "${local.source_prefix}-backup-vault" }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.source.alarms_topic_arn]

  # Switched off, it goes only after the composite alarm that names it has been told.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_metric_alarm" "target_backup" {
  for_each = local.backup_alarms
  provider = aws.target

  alarm_name          = "${local.target_prefix}-cloudwatch-${each.key}"
  alarm_description   = "${each.value.what} Vault ${local.target_prefix}-backup-vault; AWS Backup's list of jobs says why."
  namespace           = "AWS/Backup"
  metric_name         = each.value.metric
  dimensions          = { BackupVaultName = "${local.target_prefix}-backup-vault" }
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  datapoints_to_alarm = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.target.alarms_topic_arn]

  # Switched off, it goes only after the composite alarm that names it has been told.
  lifecycle {
    create_before_destroy = true
  }
}

# A composite alarm sees the alarms of its own region only.
locals {
  source_alarm_names = concat(module.source.alarm_names, [for alarm in aws_cloudwatch_metric_alarm.source_backup : alarm.alarm_name])
  target_alarm_names = concat(
    module.target.alarm_names,
    [for alarm in aws_cloudwatch_metric_alarm.central : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.target_backup : alarm.alarm_name],
  )
  unhealthy = "Something is wrong with the migration in this region: do not cut over. The dashboard %s shows what, and what to do about it."
}

resource "aws_cloudwatch_composite_alarm" "source_unhealthy" {
  provider = aws.source

  alarm_name        = "${local.source_prefix}-cloudwatch-migration-unhealthy"
  alarm_description = format(local.unhealthy, "${local.source_prefix}-cloudwatch-migration")
  alarm_rule        = join(" OR ", [for name in local.source_alarm_names : "ALARM(\"${name}\")"])
  alarm_actions     = [module.source.alarms_topic_arn]
  ok_actions        = [module.source.alarms_topic_arn]
}

resource "aws_cloudwatch_composite_alarm" "target_unhealthy" {
  provider = aws.target

  alarm_name        = "${local.target_prefix}-cloudwatch-migration-unhealthy"
  alarm_description = format(local.unhealthy, "${local.target_prefix}-cloudwatch-migration")
  alarm_rule        = join(" OR ", [for name in local.target_alarm_names : "ALARM(\"${name}\")"])
  alarm_actions     = [module.target.alarms_topic_arn]
  ok_actions        = [module.target.alarms_topic_arn]
}
