"""What the person chose and what the program remembers, each in a file of its own."""
