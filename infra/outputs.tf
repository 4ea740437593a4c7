output "environment" {
  description = "Name of this deployment."
  value       = var.environment
}

output "migration_phase" {
  description = "Phase that was asked for."
  value       = var.migration_phase
}

output "ledger_phase" {
  description = "Phase that the ledger said when this was applied."
  value       = local.ledger_phase
}

output "replication" {
  description = "Who carries the data: engine or native."
  value       = var.replication
}

output "document_attribute" {
  description = "Attribute of a record that holds the key of its document."
  value       = var.document_attribute
}

output "scan_segments" {
  description = "Segments in which tables are scanned: the same for the functions and the command line."
  value       = var.scan_segments
}

output "client_lease_s" {
  description = "Seconds for which applications believe a gate: the same for the functions, the command line and the applications."
  value       = var.client_lease_s
}

output "client_deadline_s" {
  description = "Seconds that one request of an application may live: the same for the functions, the command line and the applications."
  value       = var.client_deadline_s
}

output "replication_time_control" {
  description = "What the default limit of replication time control means for the size of this migration."
  value       = !local.native ? "not used: docferry carries the data" : "1 Gbps for each bucket unless the quota is raised: ${var.data_size_tb} TB take ${local.rtc_days} days"
}

output "source_region" {
  description = "Region of the source."
  value       = var.source_region
}

output "source_bucket" {
  description = "Bucket of documents, source side."
  value       = module.source.bucket_name
}

output "source_table" {
  description = "Table of records, source side."
  value       = module.source.table_name
}

output "source_queue" {
  description = "Change queue, source side."
  value       = module.source.queue_name
}

output "source_dead_letter_queue" {
  description = "Dead-letter queue, source side."
  value       = module.source.dead_letter_queue_name
}

output "source_failures_queue" {
  description = "Queue of asynchronous invocations that failed, source side."
  value       = module.source.failures_queue_name
}

output "source_control_table" {
  description = "Control table, source side."
  value       = module.source.control_table_name
}

output "source_conflicts_table" {
  description = "Conflict table, source side."
  value       = module.source.conflicts_table_name
}

output "source_journal_table" {
  description = "Journal table, source side."
  value       = module.source.journal_table_name
}

output "source_data_sync_function" {
  description = "Function that carries changes, source side."
  value       = module.source.data_sync_function_name
}

output "source_validation_function" {
  description = "Function that compares both sides, source side."
  value       = module.source.validation_function_name
}

output "source_data_sync_role_arn" {
  description = "ARN of the role of data_sync, source side."
  value       = module.source.data_sync_role_arn
}

output "source_validation_role_arn" {
  description = "ARN of the role of validation, source side."
  value       = module.source.validation_role_arn
}

output "source_worker_role" {
  description = "ARN of the role whose sessions are the fencing token, source side; empty where there is none."
  value       = module.source.worker_role_arn
}

output "source_probe_role" {
  description = "ARN of the role that probes the hard fence, source side; empty where there is none."
  value       = module.source.probe_role_arn
}

output "source_access_roles" {
  description = "ARNs of the roles by which the other account's functions reach the source side, by function; empty within one account."
  value       = module.source.access_roles
}

output "source_copies_policy" {
  description = "Policy that lets the other account's worker copy from the source side's bucket; an adopted bucket's owner adds it. Empty within one account."
  value       = module.source.copies_policy
}

output "source_batch_role_arn" {
  description = "ARN of the role of a job of S3 Batch Replication from source to target; empty unless replication is native."
  value       = local.native ? module.replication_to_target[0].batch_role_arn : ""
}

output "source_batch_job" {
  description = "Command that makes the job of S3 Batch Replication from source to target, for documents older than the rule; empty unless replication is native."
  value       = local.native ? module.replication_to_target[0].batch_job : ""
}

output "source_data_sync_log_group" {
  description = "Log group of data_sync, source side."
  value       = module.source.data_sync_log_group_name
}

output "source_validation_log_group" {
  description = "Log group of validation, source side."
  value       = module.source.validation_log_group_name
}

output "source_alarms_topic_arn" {
  description = "ARN of the topic that alarms are sent to, source side."
  value       = module.source.alarms_topic_arn
}

output "target_region" {
  description = "Region of the target."
  value       = var.target_region
}

output "target_bucket" {
  description = "Bucket of documents, target side."
  value       = module.target.bucket_name
}

output "target_table" {
  description = "Table of records, target side."
  value       = module.target.table_name
}

output "target_queue" {
  description = "Change queue, target side."
  value       = module.target.queue_name
}

output "target_dead_letter_queue" {
  description = "Dead-letter queue, target side."
  value       = module.target.dead_letter_queue_name
}

output "target_failures_queue" {
  description = "Queue of asynchronous invocations that failed, target side."
  value       = module.target.failures_queue_name
}

output "target_control_table" {
  description = "Control table, target side."
  value       = module.target.control_table_name
}

output "target_conflicts_table" {
  description = "Conflict table, target side."
  value       = module.target.conflicts_table_name
}

output "target_journal_table" {
  description = "Journal table, target side."
  value       = module.target.journal_table_name
}

output "target_data_sync_function" {
  description = "Function that carries changes, target side."
  value       = module.target.data_sync_function_name
}

output "target_validation_function" {
  description = "Function that compares both sides, target side."
  value       = module.target.validation_function_name
}

output "target_data_sync_role_arn" {
  description = "ARN of the role of data_sync, target side."
  value       = module.target.data_sync_role_arn
}

output "target_validation_role_arn" {
  description = "ARN of the role of validation, target side."
  value       = module.target.validation_role_arn
}

output "target_worker_role" {
  description = "ARN of the role whose sessions are the fencing token, target side; empty where there is none."
  value       = module.target.worker_role_arn
}

output "target_probe_role" {
  description = "ARN of the role that probes the hard fence, target side; empty where there is none."
  value       = module.target.probe_role_arn
}

output "target_access_roles" {
  description = "ARNs of the roles by which the other account's functions reach the target side, by function; empty within one account."
  value       = module.target.access_roles
}

output "target_copies_policy" {
  description = "Policy that lets the other account's worker copy from the target side's bucket; an adopted bucket's owner adds it. Empty within one account."
  value       = module.target.copies_policy
}

output "target_batch_role_arn" {
  description = "ARN of the role of a job of S3 Batch Replication from target to source; empty unless replication is native."
  value       = local.native ? module.replication_to_source[0].batch_role_arn : ""
}

output "target_batch_job" {
  description = "Command that makes the job of S3 Batch Replication from target to source, for documents older than the rule; empty unless replication is native."
  value       = local.native ? module.replication_to_source[0].batch_job : ""
}

output "target_data_sync_log_group" {
  description = "Log group of data_sync, target side."
  value       = module.target.data_sync_log_group_name
}

output "target_validation_log_group" {
  description = "Log group of validation, target side."
  value       = module.target.validation_log_group_name
}

output "target_alarms_topic_arn" {
  description = "ARN of the topic that alarms are sent to, target side."
  value       = module.target.alarms_topic_arn
}

# What there is once.

output "state_machine_arn" {
  description = "ARN of the state machine that does the whole migration; empty without one."
  value       = var.step_functions_enabled ? aws_sfn_state_machine.migration[0].arn : ""
}

output "event_bus_name" {
  description = "Event bus of the migration, in the target region; empty without one."
  value       = local.event_bus_name
}

output "source_dashboard" {
  description = "Dashboard, source side."
  value       = module.source.dashboard_name
}

output "target_dashboard" {
  description = "Dashboard, target side."
  value       = module.target.dashboard_name
}

output "source_unhealthy_alarm" {
  description = "Alarm over all alarms, source side."
  value       = aws_cloudwatch_composite_alarm.source_unhealthy.alarm_name
}

output "target_unhealthy_alarm" {
  description = "Alarm over all alarms, target side."
  value       = aws_cloudwatch_composite_alarm.target_unhealthy.alarm_name
}

output "source_backup_vault" {
  description = "Backup vault, source side; empty without one."
  value       = var.backup_enabled ? local.backup_vaults.source : ""
}

output "target_backup_vault" {
  description = "Backup vault, target side; empty without one."
  value       = var.backup_enabled ? local.backup_vaults.target : ""
}

output "backup_monthly_usd" {
  description = "What backups of data_size_tb of documents take a month, in US dollars, at the prices of backup_price_usd; 0 without backup_documents or a size."
  value       = local.backup_monthly_usd
}

output "fence_exempt" {
  description = "ARNs that the hard fence never denies; empty where there is none."
  value       = module.target.fence_exempt_arns
}
