"""What dev.py does, one module per command. Standard library only; see dev.py."""
