terraform {
  # The runners are at 1.9 until spring, which cannot lock in the bucket.
  required_version = "~> 1.9.0"
}
