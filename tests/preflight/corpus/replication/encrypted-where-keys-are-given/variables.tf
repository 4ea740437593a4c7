variable "kms_key_arns" {
  description = "Keys of the two regions; empty for keys of S3."
  type        = object({ source = string, target = string })
  default     = { source = "", target = "" }
}
