"""Stand-ins for tests: never imported by the program."""
