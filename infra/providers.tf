# Two providers and no default one: every resource says in which region it is.

provider "aws" {
  alias  = "source"
  region = var.source_region

  default_tags {
    tags = local.tags
  }

  dynamic "assume_role" {
    for_each = var.source_assume_role.role_arn == "" ? [] : [var.source_assume_role]
    content {
      role_arn    = assume_role.value.role_arn
      external_id = assume_role.value.external_id == "" ? null : assume_role.value.external_id
    }
  }

  s3_use_path_style           = local.emulated
  skip_credentials_validation = local.emulated
  skip_metadata_api_check     = local.emulated
  skip_region_validation      = local.emulated
  # With the default of 25 an emulator's HTTP 500 hangs for almost ten minutes.
  max_retries = local.emulated ? 2 : 25

  dynamic "endpoints" {
    for_each = local.emulated ? [var.endpoint_url] : []
    content {
      backup         = endpoints.value
      cloudwatch     = endpoints.value
      cloudwatchlogs = endpoints.value
      dynamodb       = endpoints.value
      events         = endpoints.value
      iam            = endpoints.value
      kms            = endpoints.value
      lambda         = endpoints.value
      s3             = endpoints.value
      sfn            = endpoints.value
      sns            = endpoints.value
      sqs            = endpoints.value
      sts            = endpoints.value
    }
  }
}

provider "aws" {
  alias  = "target"
  region = var.target_region

  default_tags {
    tags = local.tags
  }

  dynamic "assume_role" {
    for_each = var.target_assume_role.role_arn == "" ? [] : [var.target_assume_role]
    content {
      role_arn    = assume_role.value.role_arn
      external_id = assume_role.value.external_id == "" ? null : assume_role.value.external_id
    }
  }

  s3_use_path_style           = local.emulated
  skip_credentials_validation = local.emulated
  skip_metadata_api_check     = local.emulated
  skip_region_validation      = local.emulated
  max_retries                 = local.emulated ? 2 : 25

  dynamic "endpoints" {
    for_each = local.emulated ? [var.endpoint_url] : []
    content {
      backup         = endpoints.value
      cloudwatch     = endpoints.value
      cloudwatchlogs = endpoints.value
      dynamodb       = endpoints.value
      events         = endpoints.value
      iam            = endpoints.value
      kms            = endpoints.value
      lambda         = endpoints.value
      s3             = endpoints.value
      sfn            = endpoints.value
      sns            = endpoints.value
      sqs            = endpoints.value
      sts            = endpoints.value
    }
  }
}
