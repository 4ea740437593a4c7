"""The entry points of the two functions: they unpack an event, call the engine, and say what came of it."""
