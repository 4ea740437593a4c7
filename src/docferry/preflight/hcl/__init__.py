"""A model of Terraform's files: blocks, attributes and what their expressions come to, as far as text can tell."""
