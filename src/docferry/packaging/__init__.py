"""Builds the one zip of both AWS functions, on any machine and for either architecture: `docferry package`."""
