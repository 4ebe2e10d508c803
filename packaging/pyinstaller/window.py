"""Where the frozen ``hanlin`` begins: the window and the command line."""

import sys

from hanlin.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
