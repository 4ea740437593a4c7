output "role_arn" {
  description = "ARN of the role of replication. A fence must not cut it off."
  value       = aws_iam_role.replication.arn
}

output "rule_id" {
  description = "Name of the replication rule."
  value       = var.rule_id
}
