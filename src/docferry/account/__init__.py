"""What can be proved in the account before a migration starts, with canaries that are removed again."""
