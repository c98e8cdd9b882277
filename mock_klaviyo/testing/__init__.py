"""A mock for tests: a server or a world of one, its clock and faults, and what it received; light to import."""
