"""`python -m local.package`: build the package and say what is in it."""

import argparse
import sys

from local.package.building import ARCHIVE, ROOT, PackageError, archive, build
from local.package.ignoring import PatternError
from local.page.build import BuildError
from local.page.build import build as build_the_page


def main() -> int:
    """Build the page, the folder and the archive; 1 when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m local.package", description=__doc__)
    parser.add_argument("--telemetry", default="", help="azure-monitor or otlp: docs/operations.md")
    telemetry = parser.parse_args().telemetry
    try:
        build_the_page()
        package = build(telemetry=telemetry)
    except (BuildError, PackageError, PatternError) as error:
        print(f"package: {error}", file=sys.stderr)
        return 1
    packed = archive(package)
    print(f"{package.folder.relative_to(ROOT)}: {len(package.files)} files, {package.size:,} bytes")
    print(f"{ARCHIVE.relative_to(ROOT)}: {packed:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
