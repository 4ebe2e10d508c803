"""Where the checkout lies. Imported first, it lets a benchmark use what the tests pretend with.

The program's own packages are found through the environment that ``dev.py`` makes.
"""

import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]

sys.path.insert(0, str(ROOT / "tests/support"))
