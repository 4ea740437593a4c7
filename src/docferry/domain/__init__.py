"""The vocabulary of a migration as plain values: no I/O, no clock, nothing outside the standard library."""
