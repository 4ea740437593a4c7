# The buckets are in two regions: who calls this passes both providers.
terraform {
  required_providers {
    aws = {
      source                = "hashicorp/aws"
      version               = "~> 5.100"
      configuration_aliases = [aws.target]
    }
  }
}
