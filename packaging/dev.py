"""The one door for people who work on Hanlin: set up, run, test, check, freeze.

    python3 packaging/dev.py run      sets everything up and opens the window
    python3 packaging/dev.py test     sets everything up and passes the tests

The same lines on Linux, macOS and Windows. Only the standard library is used
until .venv exists. The work itself is in the modules of ``devtools``; only the
check of Python's version belongs here, so that an old Python can still say it.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older Python must still be able to say so
    sys.exit(
        "Hanlin needs Python 3.11 or newer; this is {}.{}. Install a newer one (on Ubuntu 22.04:\n"
        "sudo apt-get install -y python3.11 python3.11-venv) and start this script with it.".format(
            *sys.version_info
        )
    )

from devtools import commands

if __name__ == "__main__":
    sys.exit(commands.main(sys.argv[1:]))
