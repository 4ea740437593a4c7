# The stacks are in network and service: each has a state of its own.
