resource "aws_db_instance" "orders" {
  allocated_storage   = 20
  engine              = "postgres"
  instance_class      = "db.t4g.micro"
  name                = "orders"
  username            = "orders"
  skip_final_snapshot = true
}

data "aws_subnet_ids" "private" {
  vpc_id = "vpc-0a1b2c3d"
}

resource "aws_autoscaling_attachment" "orders" {
  autoscaling_group_name = "orders"
  alb_target_group_arn   = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/orders/1"
}

output "database" {
  value = aws_db_instance.orders.name
}
