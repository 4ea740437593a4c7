"""The embedded AWS: everything runs with no account and no Docker."""
