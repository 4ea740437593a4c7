resource "aws_iam_user_policy" "sends" {
  name = "sends-orders"
  user = "orders"

  policy = <<EOF
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "sqs:SendMessage",
      "Resource": "arn:aws:sqs:eu-central-1:111122223333:orders",
    }
  ]
}
EOF
}
