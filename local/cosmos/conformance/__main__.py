"""`python -m local.cosmos.conformance`: the SDK's own tests against the emulator."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Final

from . import suite
from .results import (
    LEAST_SHARE,
    FileResult,
    read_report,
    render,
    share,
    unexplained,
    write_section,
)

DOCUMENT: Final = Path(__file__).parent.parent / "COMPATIBILITY.md"


def main() -> int:
    """Run the suite; returns 1 for a failure without a reason or a share under 92 %."""
    parser = argparse.ArgumentParser(prog="python -m local.cosmos.conformance", description=__doc__)
    parser.add_argument("--sdist", type=Path, help="use this archive instead of asking pip")
    parser.add_argument("--files", nargs="+", default=list(suite.FILES), metavar="FILE")
    parser.add_argument("--write", action="store_true", help=f"update {DOCUMENT.name}")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            archive = args.sdist or suite.fetch(Path(folder))
            tests = suite.unpack(archive, Path(folder))
        except suite.SuiteError as error:
            print(error, file=sys.stderr)
            return 2
        results = run(tests, args.files)
    if args.write:
        write_section(DOCUMENT, render(results, version(suite.PACKAGE)))
    return verdict(results)


def run(tests: Path, files: list[str]) -> list[FileResult]:
    """Run the files one after another against an emulator of their own."""
    command = [
        sys.executable, "-m", "local.cosmos", "--port", "0", "--host", "localhost",
        "--data", ":memory:", "--tls",
    ]  # fmt: skip
    emulator = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, stdout=subprocess.PIPE, text=True
    )
    try:
        assert emulator.stdout is not None  # noqa: S101 - it was asked for above
        suite.point_at(tests, emulator.stdout.readline().split()[-1])
        results = []
        for name in files:
            report = tests / f"{name}.xml"
            suite.run_file(tests, name, report)
            result = read_report(name, report)
            print(f"{name:45} {result.passed:4} passed {len(result.failed):4} failed", flush=True)
            results.append(result)
        return results
    finally:
        emulator.terminate()
        emulator.wait()


def verdict(results: list[FileResult]) -> int:
    """Say how it went; the exit status."""
    print(f"\n{share(results):.1%} of the tests that ran passed.")
    unknown = unexplained(results)
    for test in unknown:
        print(f"No reason is known for the failure of {test}.", file=sys.stderr)
    return 1 if unknown or share(results) < LEAST_SHARE else 0


if __name__ == "__main__":
    raise SystemExit(main())
