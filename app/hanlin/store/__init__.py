"""The encrypted database: the only import of its driver."""
