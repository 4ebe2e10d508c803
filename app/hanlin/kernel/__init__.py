"""The bottom layer: errors, events, paths, files, clock; stdlib and platformdirs only."""
