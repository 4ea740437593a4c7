variable "access_key" {
  description = "Access key of the deployer."
  type        = string
}

variable "secret_key" {
  description = "Secret key of the deployer."
  type        = string
  sensitive   = true
}
