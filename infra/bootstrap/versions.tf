terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      project     = "docferry"
      environment = var.environment
      managed-by  = "terraform"
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
      dynamodb = endpoints.value
      iam      = endpoints.value
      s3       = endpoints.value
      sts      = endpoints.value
    }
  }
}
