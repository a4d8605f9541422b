"""`python -m local.page`: build the page's files unless they are fresh."""

import sys

from local.page.build import BUILT, ROOT, BuildError, build

try:
    built = build()
except BuildError as error:
    sys.exit(str(error))
print(f"{BUILT.relative_to(ROOT)}: {'built' if built else 'up to date'}")
