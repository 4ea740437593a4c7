variable "project" {
  description = "Begins every name."
  type        = string
  default     = "orders"
}

variable "environment" {
  type = string

  validation {
    condition     = contains(["test", "production"], var.environment)
    error_message = "There are test and production."
  }
}

variable "region" {
  description = "Region of everything."
  type        = string
  default     = "eu-central-1"
}
