"""The formats of a report: for people, for machines, for pipelines."""
