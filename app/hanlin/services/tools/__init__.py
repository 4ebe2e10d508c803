"""The tools that come with the program: offline, reading at most, and each bounded in its work."""
