"""Copy what is deployed to a folder, and pack it as the archive that is sent."""

import os
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from local.package.ignoring import Ignored

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = ROOT / "build" / "package"
ARCHIVE: Final = ROOT / "build" / "package.zip"
PAGE_FILES: Final = Path("http_api/page/built/built-from.txt")
TELEMETRY: Final = Path("infra/telemetry")
LOCK: Final = Path("requirements.lock")
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The oldest time a zip can hold: equal sources give equal archives."""


class PackageError(Exception):
    """The package cannot be built; the message says what is missing and how to get it."""


@dataclass(frozen=True, slots=True)
class Package:
    """A package: its files by path below the folder, in order, and their bytes in all."""

    folder: Path
    files: tuple[Path, ...]
    size: int


def build(root: Path = ROOT, folder: Path = FOLDER, telemetry: str = "") -> Package:
    """Copy every file below `root` that `.funcignore` lets through to an emptied folder.

    The package's requirements.txt is the lock, with versions and hashes of all that is installed.
    `telemetry` names a file of `infra/telemetry`, whose lock is taken then.

    Raises:
        PackageError: the page's built files are missing, or there is no such telemetry.
        PatternError: `.funcignore` has a pattern that is not read here.

    """
    if not (root / PAGE_FILES).is_file():
        raise PackageError(
            f"{PAGE_FILES} is missing: run `make package`, which builds the page first"
        )
    lock = _lock(root, telemetry)
    ignored = Ignored.read((root / ".funcignore").read_text(encoding="utf-8"))
    files = tuple(sorted(deployed_files(root, ignored)))
    shutil.rmtree(folder, ignore_errors=True)
    for file in files:
        target = folder / file
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(root / file, target)
    shutil.copyfile(lock, folder / "requirements.txt")
    return Package(folder, files, sum((folder / file).stat().st_size for file in files))


def _copy(source: Path, target: Path) -> None:
    """Copy a file; JSON without its white space, which is a third of the API's contract."""
    if source.suffix == ".json":
        target.write_bytes(orjson.dumps(orjson.loads(source.read_bytes())))
    else:
        shutil.copyfile(source, target)


def _lock(root: Path, telemetry: str) -> Path:
    if not telemetry:
        return root / LOCK
    known = {path.stem: path for path in sorted((root / TELEMETRY).glob("*.lock"))}
    if telemetry not in known:
        raise PackageError(f"there is no telemetry {telemetry!r}: use {' or '.join(known)}")
    return known[telemetry]


def deployed_files(root: Path, ignored: Ignored) -> Iterator[Path]:
    """The files below a folder that are sent, as paths below it; ignored folders are not read."""
    for folder, folders, names in os.walk(root):
        here = Path(folder).relative_to(root)
        folders[:] = [name for name in folders if not ignored.covers((*here.parts, name))]
        yield from (here / name for name in names if not ignored.covers((*here.parts, name)))


def archive(package: Package, path: Path = ARCHIVE) -> int:
    """Pack the package; return the archive's size in bytes. Equal packages give equal bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in package.files:
            entry = zipfile.ZipInfo(file.as_posix(), date_time=_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, (package.folder / file).read_bytes())
    return path.stat().st_size
