"""What looks for the traces a test leaves behind: never imported by the program."""
