variable "name" {
  description = "Name of the bucket."
  type        = string
}

variable "archive_days" {
  description = "Days after which objects are archived."
  type        = number
}

variable "delete_after_days" {
  description = "Days after which objects are deleted."
  type        = number
}
