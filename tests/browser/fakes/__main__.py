"""`python -m tests.browser.fakes`: serve the page over sample data until Ctrl-C."""

import signal
import sys

from tests.browser.fakes.server import serve
from tests.browser.fakes.world import World

with serve(World(large=True)) as fake:
    sys.stdout.write(f"{fake.url}\n")
    sys.stdout.flush()
    signal.sigwait({signal.SIGINT, signal.SIGTERM})
