"""What lies here is checked, and not run."""

collect_ignore_glob = ["*"]
