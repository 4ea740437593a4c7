"""What workers do beside a runner, each for a few minutes: parts of the backfill, parts of a validation, changes.

working     a worker's lease, and the time it has
ranges      divides the documents' keys into parts
backfill    one range of documents, or one segment of the records
validation  the same for a validation, and its sum
changes     one batch that a queue or a stream has delivered
steps       the same steps by name, as a state machine asks for them
"""
