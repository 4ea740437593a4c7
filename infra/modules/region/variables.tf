# Root variables are validated at the root; what is said of them there is not said again here.

variable "environment" {
  description = "Name of this deployment."
  type        = string
}

variable "region" {
  description = "This region."
  type        = string
}

variable "prefix" {
  description = "What every name in this region begins with: environment and region."
  type        = string
}

variable "side" {
  description = "Which side this region is: source or target."
  type        = string

  validation {
    condition     = contains(["source", "target"], var.side)
    error_message = "side must be source or target."
  }
}

variable "sides" {
  description = "Names of the stores of both sides, as docferry's settings have them, and the accounts that they are in."
  type = object({
    source = object({
      region          = string
      account_id      = string
      bucket          = string
      table           = string
      queue           = string
      control_table   = string
      conflicts_table = string
      journal_table   = string
    })
    target = object({
      region          = string
      account_id      = string
      bucket          = string
      table           = string
      queue           = string
      control_table   = string
      conflicts_table = string
      journal_table   = string
    })
  })
}

variable "migration_phase" {
  description = "Where the migration stands."
  type        = string
}

variable "replication" {
  description = "Who carries the data: engine or native."
  type        = string
}

variable "adopted" {
  description = "Which stores of this side exist already and are not managed, and whether the bucket's notifications are taken over all the same."
  type = object({
    bucket       = optional(bool, false)
    table        = optional(bool, false)
    notification = optional(bool, false)
  })
  default = {}
}

variable "global_table" {
  description = "The records table in this region where it is part of a global table, which is made once for both; null else."
  type = object({
    name       = string
    arn        = string
    stream_arn = string
  })
  default = null
}

variable "records_hash_key" {
  description = "Hash key of the records table."
  type        = string
}

variable "records_range_key" {
  description = "Range key of the records table; may be empty."
  type        = string
}

variable "records_ttl_attribute" {
  description = "Attribute with the records' time to live; may be empty."
  type        = string
}

variable "document_attribute" {
  description = "Attribute of a record that holds the key of its document."
  type        = string
}

variable "force_destroy" {
  description = "Whether destroy also deletes a bucket that is not empty."
  type        = bool
}

variable "deletion_protection" {
  description = "Whether tables refuse to be deleted."
  type        = bool
}

variable "kms_key_arns" {
  description = "KMS key for the documents of each bucket; empty for SSE-S3."
  type = object({
    source = string
    target = string
  })
}

variable "archive_after_days" {
  description = "Once completed: days after which documents move to a cheaper storage class."
  type        = number
}

variable "noncurrent_days" {
  description = "Once completed: days for which overwritten and deleted documents are kept."
  type        = number
}

variable "lambda_package" {
  description = "Path of the zip with both functions."
  type        = string
}

variable "lambda_architecture" {
  description = "Architecture of the functions."
  type        = string
}

variable "lambda_runtime" {
  description = "Runtime of the functions."
  type        = string
}

variable "lambda_memory_mb" {
  description = "Memory of each function in MB."
  type        = number
}

variable "lambda_timeout_s" {
  description = "Timeout of each function in seconds."
  type        = number
}

variable "lambda_max_concurrency" {
  description = "How many data_sync functions the change queue may keep busy at once."
  type        = number
}

variable "lambda_reserved_concurrency" {
  description = "Concurrency set aside for each function; null for none."
  type        = number
}

variable "scan_segments" {
  description = "Segments in which a records table is scanned."
  type        = number
}

variable "runner_window" {
  description = "Documents that one function has in flight at once."
  type        = number
}

variable "log_level" {
  description = "Level of the functions' logs."
  type        = string
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number
}

variable "event_bus_name" {
  description = "Event bus of the target region; empty where there is none."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds every role; empty for none."
  type        = string
}

variable "external_id" {
  description = "What the roles of this side ask those of the other account for; empty where both sides are in one account."
  type        = string
}

variable "trust_source_account" {
  description = "Whether the functions' roles are trusted for this account's own resources only."
  type        = bool
}

variable "endpoint_url" {
  description = "URL of an emulator that stands in for AWS; empty for AWS itself."
  type        = string
}

variable "alarm_emails" {
  description = "Addresses that alarms are mailed to."
  type        = set(string)
}

variable "client_lease_s" {
  description = "Seconds for which an application believes a gate."
  type        = number
}

variable "client_deadline_s" {
  description = "Seconds that one request of an application may live."
  type        = number
}

variable "operator_arns" {
  description = "ARNs of those who run docferry's commands beside the functions."
  type        = set(string)
}

variable "fencing_token_enabled" {
  description = "Whether workers write in sessions that end by themselves."
  type        = bool
}

variable "hard_fence_enabled" {
  description = "Whether a switch also denies writes by policy."
  type        = bool
}

variable "fence_exempt_arns" {
  description = "ARNs of others that the hard fence never denies."
  type        = set(string)
}
