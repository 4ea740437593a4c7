variable "environment" {
  description = "Name of the deployment whose state is kept."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,14}[a-z0-9])?$", var.environment)) && !strcontains(var.environment, "--")
    error_message = "environment must be 1 to 16 lower-case letters, digits and single hyphens, begin with a letter and not end with a hyphen, as in the stack itself."
  }
}

variable "region" {
  description = "Region that keeps the state. Not the source region, if that is to be left."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the name of an AWS region, such as eu-west-1."
  }
}

variable "kms_key_arn" {
  description = "KMS key for the state; empty for SSE-S3."
  type        = string
  default     = ""

  validation {
    condition     = var.kms_key_arn == "" || can(regex("^arn:aws[a-z-]*:kms:${var.region}:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key (no alias) in the same region."
  }
}

variable "lock_table_enabled" {
  description = "Whether to make a DynamoDB table for locks as well, for Terraform before 1.10."
  type        = bool
  default     = false
}

variable "force_destroy" {
  description = "Whether destroy also deletes states that the bucket still holds. For demos only."
  type        = bool
  default     = false
}

variable "endpoint_url" {
  description = "URL of an emulator that stands in for AWS; empty for AWS itself."
  type        = string
  default     = ""

  validation {
    condition     = var.endpoint_url == "" || can(regex("^https?://[^/]+$", var.endpoint_url))
    error_message = "endpoint_url must be empty or a URL without a path, such as http://127.0.0.1:4566."
  }
}
