"""A self-signed certificate for localhost, made with the `openssl` command."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

DAYS: Final = "825"
SUBJECT: Final = "/CN=localhost"
NAMES: Final = "subjectAltName=DNS:localhost,IP:127.0.0.1"


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """Write certificate and key as PEM files into the folder; returns both paths.

    Raises:
        RuntimeError: there is no `openssl` command, or it fails.
    """
    openssl = shutil.which("openssl")
    if openssl is None:
        raise RuntimeError("--tls needs the openssl command to make a certificate; install it.")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    command = [
        openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", DAYS,
        "-subj", SUBJECT, "-addext", NAMES, "-keyout", str(key), "-out", str(certificate),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed arguments
    if done.returncode:
        raise RuntimeError(f"openssl could not make a certificate: {done.stderr.strip()}")
    return certificate, key
