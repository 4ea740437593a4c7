# What names, places and dates the migration.

variable "environment" {
  description = "Name of this deployment, with its suffix if it needs one (prod, demo-7f3a). Every name begins with it."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,14}[a-z0-9])?$", var.environment))
    error_message = "environment must be 1 to 16 lower-case letters, digits and hyphens, begin with a letter and not end with a hyphen: IAM allows 64 characters for a whole name, S3 63."
  }

  validation {
    condition     = !strcontains(var.environment, "--")
    error_message = "environment must not contain two hyphens in a row: S3 keeps such bucket names for itself."
  }
}

variable "source_region" {
  description = "Region that documents and records move from."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.source_region))
    error_message = "source_region must be the name of an AWS region, such as us-east-1."
  }
}

variable "target_region" {
  description = "Region that documents and records move to."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.target_region))
    error_message = "target_region must be the name of an AWS region, such as eu-west-1."
  }

  validation {
    condition     = var.target_region != var.source_region
    error_message = "target_region must differ from source_region: names carry the region, and nothing moves within one."
  }
}

variable "migration_phase" {
  description = "Where the migration stands: planning, sync, cutover or completed. It must be what the ledger says or follow from it."
  type        = string
  default     = "planning"

  validation {
    condition     = contains(["planning", "sync", "cutover", "completed"], var.migration_phase)
    error_message = "migration_phase must be planning, sync, cutover or completed."
  }
}

variable "ledger_checked" {
  description = "Whether migration_phase is checked against the ledger. Off only to repair an apply or a destroy that ended between the ledger's table and its first item."
  type        = bool
  default     = true
}

variable "cutover_date" {
  description = "Day on which the cutover is planned, as YYYY-MM-DD. It is a tag only: nothing happens by itself on that day."
  type        = string

  validation {
    condition = (
      can(regex("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", var.cutover_date)) &&
      can(formatdate("YYYY-MM-DD", "${var.cutover_date}T00:00:00Z"))
    )
    error_message = "cutover_date must be a day that exists, as YYYY-MM-DD, such as 2026-03-28."
  }
}

variable "data_size_tb" {
  description = "Size of all documents in TB (10^12 bytes), to say what replication's default limit of 1 Gbps means for it."
  type        = number
  default     = 0

  validation {
    condition     = var.data_size_tb >= 0
    error_message = "data_size_tb must not be negative; 0 means that it is not known."
  }
}

# Who carries the data, and what there is already.

variable "replication" {
  description = "Who carries the data: engine (docferry itself) or native (S3 replication and a DynamoDB global table)."
  type        = string
  default     = "engine"

  validation {
    condition     = contains(["engine", "native"], var.replication)
    error_message = "replication must be engine or native."
  }
}

variable "reverse_replication_enabled" {
  description = "Native only: whether the rule from target to source is created enabled. A switch enables it when it is armed, and no later apply turns it back."
  type        = bool
  default     = false
}

variable "existing_source" {
  description = <<-EOT
    Source bucket and table that exist already; what is empty is created. Of an adopted bucket nothing is managed that
    its owner may have set for the whole bucket, unless take_over names it: "notification" (else its changes come
    through EventBridge, which must be on for the bucket) and "replication" (native needs it).
  EOT
  type = object({
    bucket    = optional(string, "")
    table     = optional(string, "")
    take_over = optional(set(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.existing_source.bucket == "" || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.existing_source.bucket))
    error_message = "existing_source.bucket must be the name of a bucket (3 to 63 characters), neither an ARN nor a URL."
  }

  validation {
    condition     = var.existing_source.table == "" || can(regex("^[A-Za-z0-9_.-]{3,255}$", var.existing_source.table))
    error_message = "existing_source.table must be the name of a table (3 to 255 characters), not an ARN."
  }

  validation {
    condition     = length(setsubtract(var.existing_source.take_over, ["notification", "replication"])) == 0
    error_message = "existing_source.take_over may name notification and replication. Versioning, policy, lifecycle, encryption and the rest of an adopted bucket stay its owner's: each is one setting for the whole bucket, which an apply would overwrite and a destroy would remove."
  }

  validation {
    condition     = var.replication == "engine" || var.existing_source.bucket == "" || contains(var.existing_source.take_over, "replication")
    error_message = "Native replication sets the replication rules of the whole bucket and would overwrite those that its owner has there. If there are none, add \"replication\" to existing_source.take_over; else use replication = \"engine\", which needs no rule."
  }

  validation {
    condition     = length(var.existing_source.take_over) == 0 || var.existing_source.bucket != ""
    error_message = "existing_source.take_over is for an adopted bucket: name it in existing_source.bucket, or leave take_over out."
  }
}

variable "records_hash_key" {
  description = "Hash key (partition key) of the records tables, a string attribute."
  type        = string
  default     = "owner"

  validation {
    condition     = length(var.records_hash_key) >= 1 && length(var.records_hash_key) <= 255
    error_message = "records_hash_key must be the name of an attribute, 1 to 255 characters."
  }
}

variable "records_range_key" {
  description = "Range key (sort key) of the records tables, a string attribute; empty for tables that have none."
  type        = string
  default     = "record_id"

  validation {
    condition     = var.records_range_key != var.records_hash_key && length(var.records_range_key) <= 255
    error_message = "records_range_key must differ from records_hash_key and have at most 255 characters; it may be empty."
  }
}

variable "records_ttl_attribute" {
  description = "Attribute of records that holds their time to live, in seconds since 1970; empty for records that do not expire."
  type        = string
  default     = ""
}

variable "document_attribute" {
  description = "Attribute of a record that holds the key of its document."
  type        = string
  default     = "document_key"

  validation {
    condition     = length(var.document_attribute) >= 1
    error_message = "document_attribute must be the name of an attribute."
  }
}

# How stores are protected.

variable "force_destroy" {
  description = "Whether destroy also deletes buckets and vaults that are not empty. For demos only."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Whether tables refuse to be deleted. Off for demos only."
  type        = bool
  default     = true
}

variable "kms_key_arns" {
  description = "KMS key for the documents of each bucket, in the bucket's own region; empty for SSE-S3. Both or neither."
  type = object({
    source = optional(string, "")
    target = optional(string, "")
  })
  default  = {}
  nullable = false

  validation {
    condition     = (var.kms_key_arns.source == "") == (var.kms_key_arns.target == "")
    error_message = "kms_key_arns must name a key for both sides or for neither: a copy under a weaker key is not noticed by anyone."
  }

  validation {
    condition = alltrue([
      for region, arn in { (var.source_region) = var.kms_key_arns.source, (var.target_region) = var.kms_key_arns.target } :
      arn == "" || can(regex("^arn:aws[a-z-]*:kms:${region}:[0-9]{12}:key/.+$", arn))
    ])
    error_message = "kms_key_arns must be ARNs of keys (no aliases), each in the region of its side."
  }
}

variable "archive_after_days" {
  description = "Once completed: days after which documents move to a cheaper storage class (source: STANDARD_IA, target: INTELLIGENT_TIERING)."
  type        = number
  default     = 30

  validation {
    condition     = var.archive_after_days >= 30 && floor(var.archive_after_days) == var.archive_after_days
    error_message = "archive_after_days must be a whole number of at least 30: S3 takes no earlier transition to STANDARD_IA."
  }
}

variable "noncurrent_days" {
  description = "Once completed: days for which overwritten and deleted documents are kept. Before, they are kept for good."
  type        = number
  default     = 90

  validation {
    condition     = var.noncurrent_days >= 1 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "noncurrent_days must be a whole number of at least 1."
  }
}

# The functions.

variable "lambda_package" {
  description = "Path of the zip with both functions, made by `docferry package --architecture arm64 --output FILE`."
  type        = string

  validation {
    condition     = fileexists(var.lambda_package)
    error_message = "lambda_package names no file: make it first with `docferry package --architecture arm64 --output FILE`."
  }
}

variable "lambda_architecture" {
  description = "Architecture of the functions, that of their package: arm64 or x86_64."
  type        = string
  default     = "arm64"

  validation {
    condition     = contains(["arm64", "x86_64"], var.lambda_architecture)
    error_message = "lambda_architecture must be arm64 or x86_64."
  }
}

variable "lambda_runtime" {
  description = "Runtime of the functions, that of their package."
  type        = string
  default     = "python3.13"

  validation {
    condition     = contains(["python3.11", "python3.12", "python3.13"], var.lambda_runtime)
    error_message = "lambda_runtime must be python3.11, python3.12 or python3.13."
  }
}

variable "lambda_memory_mb" {
  description = "Memory of each function in MB; Lambda gives CPU in proportion, a whole one at 1769."
  type        = number
  default     = 1024

  validation {
    condition     = var.lambda_memory_mb >= 128 && var.lambda_memory_mb <= 10240
    error_message = "lambda_memory_mb must be 128 to 10240."
  }
}

variable "lambda_timeout_s" {
  description = "Timeout of each function in seconds. What a function does not finish is tried again after that time."
  type        = number
  default     = 300

  validation {
    condition     = var.lambda_timeout_s >= 30 && var.lambda_timeout_s <= 900
    error_message = "lambda_timeout_s must be 30 to 900: below, a large document is never done, above, Lambda refuses."
  }
}

variable "lambda_max_concurrency" {
  description = "How many data_sync functions one change queue may keep busy at once."
  type        = number
  default     = 10

  validation {
    condition     = var.lambda_max_concurrency >= 2 && var.lambda_max_concurrency <= 1000
    error_message = "lambda_max_concurrency must be 2 to 1000, as Lambda takes it."
  }
}

variable "lambda_reserved_concurrency" {
  description = "Concurrency set aside for each function; null for none, because it fails in fresh accounts, whose quota is 10."
  type        = number
  default     = null

  validation {
    condition     = var.lambda_reserved_concurrency == null || try(var.lambda_reserved_concurrency >= var.lambda_max_concurrency, false)
    error_message = "lambda_reserved_concurrency must be null or at least lambda_max_concurrency, or the queue's batches are throttled."
  }
}

variable "scan_segments" {
  description = "Segments in which a records table is scanned, side by side."
  type        = number
  default     = 4

  validation {
    condition     = var.scan_segments >= 1 && var.scan_segments <= 100 && floor(var.scan_segments) == var.scan_segments
    error_message = "scan_segments must be a whole number, 1 to 100."
  }
}

variable "runner_window" {
  description = "Documents that one function has in flight at once."
  type        = number
  default     = 64

  validation {
    condition     = var.runner_window >= 1 && var.runner_window <= 1000 && floor(var.runner_window) == var.runner_window
    error_message = "runner_window must be a whole number, 1 to 1000."
  }
}

variable "log_level" {
  description = "Level of the functions' logs."
  type        = string
  default     = "INFO"

  validation {
    condition     = contains(["DEBUG", "INFO", "WARNING", "ERROR"], var.log_level)
    error_message = "log_level must be DEBUG, INFO, WARNING or ERROR."
  }
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days must be a number that CloudWatch Logs takes: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}

# Who may do what.

variable "source_assume_role" {
  description = "Role in the source's account that Terraform assumes, with the external id that its trust policy asks for; empty for none."
  type = object({
    role_arn    = optional(string, "")
    external_id = optional(string, "")
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.source_assume_role.role_arn == "" || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", var.source_assume_role.role_arn))
    error_message = "source_assume_role.role_arn must be the ARN of a role."
  }

  validation {
    condition     = var.source_assume_role.external_id == "" || var.source_assume_role.role_arn != ""
    error_message = "source_assume_role.external_id is of no use without source_assume_role.role_arn."
  }
}

variable "target_assume_role" {
  description = "Role in the target's account that Terraform assumes, with the external id that its trust policy asks for; empty for none."
  type = object({
    role_arn    = optional(string, "")
    external_id = optional(string, "")
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.target_assume_role.role_arn == "" || can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$", var.target_assume_role.role_arn))
    error_message = "target_assume_role.role_arn must be the ARN of a role."
  }

  validation {
    condition     = var.target_assume_role.external_id == "" || var.target_assume_role.role_arn != ""
    error_message = "target_assume_role.external_id is of no use without target_assume_role.role_arn."
  }
}

variable "client_lease_s" {
  description = "Seconds for which an application believes a gate: what the applications' own docferry.toml says as client.lease_s."
  type        = number
  default     = 1

  validation {
    condition     = var.client_lease_s >= 0.2 && var.client_lease_s <= 60
    error_message = "client_lease_s must be 0.2 to 60, and at least what the applications have: a switch refuses while one has more."
  }
}

variable "client_deadline_s" {
  description = "Seconds that one request of an application may live: what the applications' own docferry.toml says as client.deadline_s."
  type        = number
  default     = 60

  validation {
    condition     = var.client_deadline_s >= 1 && var.client_deadline_s <= 3600
    error_message = "client_deadline_s must be 1 to 3600, and at least what the applications have: a switch refuses while one has more."
  }
}

variable "operator_arns" {
  description = "Roles or users that run docferry's commands from a machine, with wildcards: they may assume the worker roles, and the hard fence never denies them."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.operator_arns : can(regex("^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:.+$", one))])
    error_message = "operator_arns must be ARNs of roles, users or sessions, each with its account."
  }
}

variable "fencing_token_enabled" {
  description = "Whether workers write in sessions of a worker role that end by themselves, so that no store takes what a dead worker sent. Without it the functions' own roles write."
  type        = bool
  default     = true
}

variable "hard_fence_enabled" {
  description = "Whether a switch also denies writes by policy, for applications that may ignore the gate. It lets data_sync change the policies of buckets and records tables."
  type        = bool
  default     = false
}

variable "fence_exempt_arns" {
  description = "Others that the hard fence never denies, with wildcards, beside docferry's own roles and operator_arns: those of replication."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.fence_exempt_arns : can(regex("^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:.+$", one))])
    error_message = "fence_exempt_arns must be ARNs of roles, users or sessions, each with its account."
  }
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds every role of the stack; empty for none."
  type        = string
  default     = ""

  validation {
    condition     = var.permissions_boundary_arn == "" || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn must be the ARN of a policy."
  }
}

variable "external_id" {
  description = "Between two accounts: what the roles of either account ask those of the other one for, against confused deputies. Any text that nobody guesses; not used within one account."
  type        = string
  default     = ""

  validation {
    condition     = var.external_id == "" || can(regex("^[\\w+=,.@:/-]{8,1000}$", var.external_id))
    error_message = "external_id must have at least 8 characters, of letters, digits and +=,.@:/-_ (AWS takes no others)."
  }
}

variable "trust_source_account" {
  description = "Whether the roles of the functions and of S3 replication are trusted for this account's own resources only (aws:SourceAccount). Off: no AWS page says that Lambda and S3 replication send it."
  type        = bool
  default     = false
}

variable "endpoint_url" {
  description = "URL of an emulator that stands in for AWS; empty for AWS itself. Keys come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)."
  type        = string
  default     = ""

  validation {
    condition     = var.endpoint_url == "" || can(regex("^https?://[^/]+$", var.endpoint_url))
    error_message = "endpoint_url must be empty or a URL without a path, such as http://127.0.0.1:4566."
  }
}

# Who is told.

variable "alarm_emails" {
  description = "Addresses that alarms are mailed to; each must be confirmed by the link that AWS mails first."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for one in var.alarm_emails : can(regex("^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$", one))])
    error_message = "alarm_emails must be addresses such as ops@example.com."
  }
}

# The state machine.

variable "step_functions_enabled" {
  description = "Whether there is a state machine that does the whole migration."
  type        = bool
  default     = true
}

variable "map_concurrency" {
  description = "How many ranges or segments the state machine works on at once; each keeps one function busy."
  type        = number
  default     = 40

  validation {
    condition     = var.map_concurrency >= 1 && var.map_concurrency <= 1000 && floor(var.map_concurrency) == var.map_concurrency
    error_message = "map_concurrency must be a whole number, 1 to 1000: 1000 is the default quota of concurrent functions in a whole account."
  }
}

variable "tolerated_failure_percentage" {
  description = "Share of ranges that may fail, in percent, before a map stops the others. Those that failed stop the migration after it in any case: nothing is left out."
  type        = number
  default     = 5

  validation {
    condition     = var.tolerated_failure_percentage >= 0 && var.tolerated_failure_percentage <= 100
    error_message = "tolerated_failure_percentage must be 0 to 100."
  }
}

variable "repair_allowed" {
  description = "Whether differences that a validation finds are repaired by itself; else they stop the migration for someone to look."
  type        = bool
  default     = true
}

variable "approval_required" {
  description = "Whether the cutover, and completing, wait for `docferry approve`. A rollback always does."
  type        = bool
  default     = true
}

variable "approval_timeout_hours" {
  description = "For how long the state machine waits for an approval, in hours, before it stops. Afterwards it can be redriven and asks again."
  type        = number
  default     = 168

  validation {
    condition     = var.approval_timeout_hours >= 1 && var.approval_timeout_hours <= 2160 && floor(var.approval_timeout_hours) == var.approval_timeout_hours
    error_message = "approval_timeout_hours must be a whole number, 1 to 2160 (90 days): an execution may take a year altogether."
  }
}

variable "watch_hours" {
  description = "For how long the state machine watches after the cutover, in hours, before completing is asked for; 0 for one look."
  type        = number
  default     = 24

  validation {
    condition     = var.watch_hours >= 0 && var.watch_hours <= 336 && floor(var.watch_hours) == var.watch_hours
    error_message = "watch_hours must be a whole number, 0 to 336 (two weeks): longer, and looks would be more than 20 minutes apart, since a history has room for about 1,000 of them."
  }
}

variable "max_pause_s" {
  description = "For how long the state machine's cutover and rollback may hold writers, in seconds, before they open the region again in which applications wrote; what --max-pause is for `docferry cutover`."
  type        = number
  default     = 5

  validation {
    condition     = var.max_pause_s >= 1 && var.max_pause_s <= 120
    error_message = "max_pause_s must be 1 to 120 seconds: a function has to undo a switch that takes too long within its own time."
  }
}

variable "max_lag_s" {
  description = "The longest lag, in seconds from acknowledged to visible on the other side, with which the state machine's cutover and rollback begin; what --max-lag is for `docferry cutover`."
  type        = number
  default     = 2

  validation {
    condition     = var.max_lag_s > 0 && var.max_lag_s <= 600
    error_message = "max_lag_s must be above 0 and at most 600 seconds: what lags is waited for with writers held."
  }
}

# Events.

variable "eventbridge_enabled" {
  description = "Whether there is an event bus with its rules, and the schedule that keeps data_sync following changes. Without it, run `docferry sync`."
  type        = bool
  default     = true
}

variable "event_archive_days" {
  description = "Days for which events are kept in the bus's archive."
  type        = number
  default     = 90

  validation {
    condition     = var.event_archive_days >= 1 && var.event_archive_days <= 3650 && floor(var.event_archive_days) == var.event_archive_days
    error_message = "event_archive_days must be a whole number, 1 to 3650: 0 would keep events for good."
  }
}

# Backups.

variable "backup_enabled" {
  description = "Whether AWS Backup keeps copies of the tables in both regions, and of the buckets if backup_documents says so."
  type        = bool
  default     = true
}

variable "backup_documents" {
  description = "Whether it keeps copies of the documents, too. Off, as both buckets keep versions and hold all documents in two regions, and as its price grows with them: 200 USD a month for a TB, and 40 USD once. backup_monthly_usd has the sum."
  type        = bool
  default     = false

  validation {
    condition     = var.backup_enabled || !var.backup_documents
    error_message = "backup_documents is of no use without backup_enabled: set both or neither."
  }
}

variable "backup_daily_retention_days" {
  description = "Days for which daily backups, and their copies in the other region, are kept."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_daily_retention_days >= 1 && var.backup_daily_retention_days <= 365 && floor(var.backup_daily_retention_days) == var.backup_daily_retention_days
    error_message = "backup_daily_retention_days must be a whole number, 1 to 365."
  }
}

variable "backup_weekly_retention_days" {
  description = "Days for which weekly backups, and their copies in the other region, are kept."
  type        = number
  default     = 60

  validation {
    condition     = var.backup_weekly_retention_days >= var.backup_daily_retention_days && var.backup_weekly_retention_days <= 3650 && floor(var.backup_weekly_retention_days) == var.backup_weekly_retention_days
    error_message = "backup_weekly_retention_days must be a whole number, at least backup_daily_retention_days and at most 3650."
  }
}

variable "backup_price_usd" {
  description = "What AWS Backup takes, in US dollars: a GB of S3 backup a month, and a GB copied to the other region. `as_of` says when it was looked up."
  type = object({
    gb_month  = optional(number, 0.05)
    gb_copied = optional(number, 0.02)
    as_of     = optional(string, "2025-07-01")
  })
  default  = {}
  nullable = false
}

variable "backup_monthly_budget_usd" {
  description = "What backups of documents may take a month, in US dollars; where backup_monthly_usd is more, every plan warns."
  type        = number
  default     = 1000

  validation {
    condition     = var.backup_monthly_budget_usd >= 0
    error_message = "backup_monthly_budget_usd must not be negative."
  }
}
