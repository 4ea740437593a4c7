variable "stage" {
  description = "Of which deployment this is."
  type        = string
}

locals {
  timeout = 60
}
