"""The switch: applications come to write at the other side, and back. Specified in docs/cutover-protocol.md."""
