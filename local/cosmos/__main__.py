"""`python -m local.cosmos` runs the emulator."""

from .cli import main

raise SystemExit(main())
