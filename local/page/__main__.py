"""`python -m local.page`: build the page's vendor files unless they are fresh."""

import sys

from local.page.build import VENDOR, BuildError, build

try:
    built = build()
except BuildError as error:
    sys.exit(str(error))
print(f"{VENDOR}: {'built' if built else 'up to date'}")
