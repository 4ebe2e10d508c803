"""Foreign files: what is read of them in a sandboxed child, and how they are asked for."""
