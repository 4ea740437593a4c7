resource "aws_iam_role" "builds" {
  name = "builds"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "codebuild.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "builds" {
  role       = aws_iam_role.builds.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
