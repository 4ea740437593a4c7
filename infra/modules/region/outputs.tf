output "bucket_name" {
  description = "Bucket of documents, created or adopted."
  value       = local.bucket.name
}

output "bucket_arn" {
  description = "ARN of the bucket of documents."
  value       = local.bucket.arn
}

output "table_name" {
  description = "Table of records, created, adopted or part of a global table."
  value       = local.table.name
}

output "table_arn" {
  description = "ARN of the table of records."
  value       = local.table.arn
}

output "stream_arn" {
  description = "ARN of the stream of the table of records."
  value       = local.table.stream_arn
}

output "queue_name" {
  description = "Change queue: everything that happens to the bucket."
  value       = aws_sqs_queue.changes.name
}

output "queue_arn" {
  description = "ARN of the change queue."
  value       = aws_sqs_queue.changes.arn
}

output "queue_url" {
  description = "URL of the change queue."
  value       = aws_sqs_queue.changes.url
}

output "dead_letter_queue_name" {
  description = "Dead-letter queue of the change queue and of the records' stream."
  value       = aws_sqs_queue.changes_dead.name
}

output "dead_letter_queue_arn" {
  description = "ARN of the dead-letter queue."
  value       = aws_sqs_queue.changes_dead.arn
}

output "dead_letter_queue_url" {
  description = "URL of the dead-letter queue."
  value       = aws_sqs_queue.changes_dead.url
}

output "failures_queue_name" {
  description = "Queue of asynchronous invocations that failed."
  value       = aws_sqs_queue.failures.name
}

output "failures_queue_arn" {
  description = "ARN of the queue of asynchronous invocations that failed."
  value       = aws_sqs_queue.failures.arn
}

output "control_table_name" {
  description = "Control table: the gate, in the target's also the ledger."
  value       = aws_dynamodb_table.control.name
}

output "control_table_arn" {
  description = "ARN of the control table."
  value       = aws_dynamodb_table.control.arn
}

output "conflicts_table_name" {
  description = "Conflict table: what others wrote to the passive side."
  value       = aws_dynamodb_table.conflicts.name
}

output "conflicts_table_arn" {
  description = "ARN of the conflict table."
  value       = aws_dynamodb_table.conflicts.arn
}

output "journal_table_name" {
  description = "Journal table: keys that clients write around a switch."
  value       = aws_dynamodb_table.journal.name
}

output "journal_table_arn" {
  description = "ARN of the journal table."
  value       = aws_dynamodb_table.journal.arn
}

output "data_sync_function_name" {
  description = "Function that carries changes and does the steps of a migration."
  value       = aws_lambda_function.data_sync.function_name
}

output "data_sync_function_arn" {
  description = "ARN of data_sync."
  value       = aws_lambda_function.data_sync.arn
}

output "validation_function_name" {
  description = "Function that compares both sides."
  value       = aws_lambda_function.validation.function_name
}

output "validation_function_arn" {
  description = "ARN of validation."
  value       = aws_lambda_function.validation.arn
}

output "data_sync_role_arn" {
  description = "ARN of the role of data_sync."
  value       = aws_iam_role.data_sync.arn
}

output "validation_role_arn" {
  description = "ARN of the role of validation."
  value       = aws_iam_role.validation.arn
}

output "data_sync_log_group_name" {
  description = "Log group of data_sync."
  value       = aws_cloudwatch_log_group.data_sync.name
}

output "validation_log_group_name" {
  description = "Log group of validation."
  value       = aws_cloudwatch_log_group.validation.name
}

output "probe_role_arn" {
  description = "ARN of the role that probes the hard fence; empty where there is none."
  value       = var.hard_fence_enabled ? aws_iam_role.probe[0].arn : ""
}

output "worker_role_arn" {
  description = "ARN of the role whose sessions are the fencing token; empty where there is none."
  value       = var.fencing_token_enabled ? aws_iam_role.worker[0].arn : ""
}

output "access_roles" {
  description = "ARNs of the roles by which the other account's functions reach this side, by function; empty within one account."
  value       = { for function, role in aws_iam_role.access : function => role.arn }
}

output "copies_policy" {
  description = "Policy that lets the other account's worker copy from the bucket, for an adopted bucket's owner to add to its own; empty within one account."
  value       = local.two_accounts ? data.aws_iam_policy_document.copies.json : ""
}

output "fence_exempt_arns" {
  description = "ARNs that the hard fence never denies; empty where there is none."
  value       = var.hard_fence_enabled ? local.fence_exempt : []
}

output "alarms_topic_arn" {
  description = "ARN of the topic that alarms are sent to."
  value       = aws_sns_topic.alarms.arn
}
