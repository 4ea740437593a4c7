output "bucket" {
  description = "Bucket of the state."
  value       = aws_s3_bucket.state.bucket
}

output "lock_table" {
  description = "Table of locks; empty without one."
  value       = var.lock_table_enabled ? aws_dynamodb_table.lock[0].name : ""
}

output "backend" {
  description = "What to put into environments/ENVIRONMENT.s3.tfbackend."
  value       = <<-EOT
    bucket       = "${aws_s3_bucket.state.bucket}"
    key          = "docferry/terraform.tfstate"
    region       = "${var.region}"
    encrypt      = true
    use_lockfile = true
  EOT
}
