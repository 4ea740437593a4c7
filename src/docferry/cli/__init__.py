"""The command line: one file a command, and how things are shown."""
