"""What people type to run the commands, so that messages can say it."""

import shutil
import sys
from pathlib import Path
from typing import Final

MODULE: Final = "python -m local"
SCRIPTS: Final = ("a2i", "alerts-to-incidents")


def program() -> str:
    """`a2i` where the shell finds it, else its path; `python -m local` where that was run."""
    called = Path(sys.argv[0])
    if called.name not in SCRIPTS:
        return MODULE
    return called.name if shutil.which(called.name) else str(called)
