"""Pure values: what the program talks about, without input, output or time."""
