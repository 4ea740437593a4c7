variable "prefix" {
  description = "What the names of role and policy begin with: environment and the region that is replicated from."
  type        = string
}

variable "rule_id" {
  description = "Name of the replication rule."
  type        = string
}

variable "from" {
  description = "The bucket that is replicated, and its KMS key, empty for SSE-S3."
  type = object({
    bucket = string
    arn    = string
    region = string
    key    = string
  })
}

variable "to" {
  description = "The bucket that is replicated to, and its KMS key, empty for SSE-S3."
  type = object({
    arn    = string
    region = string
    key    = string
  })
}

variable "enabled" {
  description = "Whether the rule is created enabled. Later on it is not changed."
  type        = bool
}

variable "account_id" {
  description = "Account of the bucket that is replicated."
  type        = string
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds the role; empty for none."
  type        = string
}

variable "trust_source_account" {
  description = "Whether the role is trusted for this account's own buckets only."
  type        = bool
}

variable "force_destroy" {
  description = "Whether destroy also deletes manifests and reports."
  type        = bool
}
