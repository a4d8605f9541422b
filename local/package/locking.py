"""`python -m local.package.locking`: pin every package that is deployed, with its hashes.

What `requirements.txt` brings along is pinned too, for Python 3.11 and newer, so that a deployment
installs what was tested and nothing that was changed since. The package's `requirements.txt` is
this file; with telemetry it is the one beside what that requires. Needs uv.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from local.package.building import LOCK, ROOT, TELEMETRY

REQUIREMENTS: Final = "requirements.txt"
HEADER: Final = (
    "# Every package that is deployed, pinned with its hashes: python -m local.package.locking\n"
)


def locks(root: Path = ROOT) -> dict[Path, tuple[Path, ...]]:
    """Each lock file, with the requirements that it is for."""
    plain = root / REQUIREMENTS
    more = sorted((root / TELEMETRY).glob("*.txt"))
    return {root / LOCK: (plain,), **{each.with_suffix(".lock"): (plain, each) for each in more}}


def compile_lock(uv: str, requirements: tuple[Path, ...], target: Path) -> None:
    """Let uv work one lock out; what it pinned before stays where it still fits."""
    if target.exists():
        target.write_text(target.read_text(encoding="utf-8").removeprefix(HEADER), "utf-8")
    command = [
        *(uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"),
        *("--generate-hashes", "--no-header", "--no-annotate", "--output-file", str(target)),
        *map(str, requirements),
    ]
    subprocess.run(command, check=True)  # noqa: S603 - composed above
    target.write_text(HEADER + target.read_text(encoding="utf-8"), encoding="utf-8")


def main() -> int:
    """Write all locks; return the exit code."""
    uv = shutil.which("uv")
    if uv is None:
        print("uv is missing: python -m pip install uv", file=sys.stderr)
        return 1
    for target, requirements in locks().items():
        compile_lock(uv, requirements, target)
        print(target.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
