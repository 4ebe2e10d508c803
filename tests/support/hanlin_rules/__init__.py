"""The house's rules as functions over source text: never imported by the program."""
