"""The commands as an installed program, `a2i`.

The Functions runtime wants its packages at the root of the app, under names too common for an
environment that others share. The wheel therefore holds the app whole, in a folder of this package,
and this is the one name that it installs.
"""

import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_PACKED = _HERE / "app"


def main() -> int:
    """Run the command that the arguments name and return its exit code."""
    sys.path.insert(0, str(_PACKED if _PACKED.is_dir() else _HERE.parent))
    from local.__main__ import main as run  # noqa: PLC0415 - found only from here on

    return run(sys.argv[1:])
