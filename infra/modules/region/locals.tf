locals {
  own   = var.sides[var.side]
  peer  = var.sides[var.side == "source" ? "target" : "source"]
  names = { for what in ["data-sync", "validation"] : what => "${var.prefix}-lambda-${what}" }

  # Created, adopted or part of a global table: from here on nobody needs to know which.
  bucket = {
    name = var.adopted.bucket ? data.aws_s3_bucket.adopted[0].bucket : aws_s3_bucket.documents[0].bucket
    arn  = var.adopted.bucket ? data.aws_s3_bucket.adopted[0].arn : aws_s3_bucket.documents[0].arn
  }
}
