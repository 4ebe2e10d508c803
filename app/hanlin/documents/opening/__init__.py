"""Foreign files opened for a model to read, see or hear: what runs in the opening child."""
