"""In-memory stores with AWS semantics: the fakes of the tests and the world of the simulator."""
