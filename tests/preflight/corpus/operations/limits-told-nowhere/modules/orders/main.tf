variable "name" {
  description = "Name of the queue."
  type        = string
}

resource "aws_sqs_queue" "this" {
  name                      = var.name
  message_retention_seconds = 1209600
}

output "retention_seconds" {
  description = "How long messages are kept."
  value       = aws_sqs_queue.this.message_retention_seconds
}
