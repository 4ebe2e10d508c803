"""The only part of the program that opens connections; it runs as a process of its own."""
