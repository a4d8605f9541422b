"""How long importing the app takes, beside importing its third-party packages alone.

Both are measured in processes of their own, in turns, by processor time; the best of each counts,
so that a busy machine does not change the answer.
"""

import json
import subprocess
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any, Final

_LIST: Final = """
import json, sys
import function_app
origins = {name: getattr(module.__spec__, "origin", None) for name, module in sys.modules.items()
           if getattr(module, "__spec__", None)}
print(json.dumps([name for name, origin in origins.items() if "site-packages" in str(origin)]))
"""
_TIME: Final = """
import importlib, json, sys, time
names = json.load(sys.stdin)
start = time.process_time()
for name in names:
    importlib.import_module(name)
print(time.process_time() - start)
"""


@dataclass(frozen=True, slots=True)
class ImportTimes:
    """Seconds of processor time: the app, and the third-party modules that it imports, alone."""

    app: float
    dependencies: float

    @property
    def ratio(self) -> float:
        """How much longer the app takes than its dependencies."""
        return self.app / self.dependencies


def measure(python: Path, package: Path, *, enough: float = 0.0, rounds: int = 5) -> ImportTimes:
    """Measure with an interpreter in a package's folder, until a round gives a ratio of `enough`.

    Raises subprocess.CalledProcessError when the app cannot be imported.
    """
    modules = _ask(python, package, _LIST)
    times = ImportTimes(inf, inf)
    for _ in range(rounds):
        app = float(_ask(python, package, _TIME, ["function_app"]))
        alone = float(_ask(python, package, _TIME, modules))
        times = ImportTimes(min(times.app, app), min(times.dependencies, alone))
        if times.ratio <= enough:
            break
    return times


def _ask(python: Path, package: Path, code: str, given: Any = None) -> Any:
    result = subprocess.run(  # noqa: S603 - the interpreter is the caller's
        [str(python), "-c", code],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
        cwd=package,
    )
    return json.loads(result.stdout)
