provider "aws" {
  region = "eu-central-1"
}

provider "aws" {
  alias  = "target"
  region = "eu-west-1"
}
