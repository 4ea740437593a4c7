"""docferry beside its peers on one S3 server; README.md here says what is measured and what came out."""
