"""Finds in a Terraform directory what would fail only when it is deployed, from its text alone."""
