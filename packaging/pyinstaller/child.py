"""Where the frozen ``hanlin-child`` begins: engine worker, template child and the like."""

from hanlin.processes.children import main

if __name__ == "__main__":
    main()
