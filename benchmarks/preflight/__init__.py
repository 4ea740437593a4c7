"""docferry preflight beside terraform validate and checkov."""
