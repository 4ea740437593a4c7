output "role_arn" {
  description = "ARN of the role of replication. A fence must not cut it off."
  value       = aws_iam_role.replication.arn
}

output "rule_id" {
  description = "Name of the replication rule."
  value       = var.rule_id
}

output "batch_role_arn" {
  description = "ARN of the role of jobs of S3 Batch Replication."
  value       = local.batch_role_arn
}

output "batch_job" {
  description = "Command that makes the job which replicates what is older than the rule, or has failed."
  value       = "aws s3control create-job --region ${var.from.region} --cli-input-json '${jsonencode(local.batch_job)}'"
}
