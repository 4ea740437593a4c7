terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }
}

resource "aws_api_gateway_rest_api" "orders" {
  name = "orders"
}

resource "aws_api_gateway_deployment" "orders" {
  rest_api_id = aws_api_gateway_rest_api.orders.id
  stage_name  = "prod"

  lifecycle {
    create_before_destroy = true
  }
}

output "url" {
  description = "Where the interface is."
  value       = aws_api_gateway_deployment.orders.invoke_url
}
