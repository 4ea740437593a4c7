"""Adapters from the ports to AWS; the only place that knows botocore, HTTP and AWS error codes."""
