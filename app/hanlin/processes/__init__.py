"""Child processes: starting them, talking with them, confining them, deciding when they die."""
