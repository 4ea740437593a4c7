"""The engine: each stage is a function over ports. Stages share nothing but `apply`."""
