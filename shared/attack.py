"""Which tactics each technique of MITRE ATT&CK serves.

The table is `attack_techniques.json`, made from a published copy of the enterprise matrix by
`python -m local.attack_table`; it names ATT&CK's version and the copy. A sub-technique that is not
listed serves what its parent serves.
"""

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from shared.killchain import Tactic

_TABLE: Final = json.loads(
    Path(__file__).with_name("attack_techniques.json").read_text(encoding="utf-8")
)
ATTACK_VERSION: Final[str] = _TABLE["attackVersion"]
_TECHNIQUE: Final = re.compile(r"(?<![A-Za-z0-9])[Tt](\d{4})(?:[./](\d{3}))?(?!\d)")
_TACTICS: Final[dict[str, tuple[Tactic, ...]]] = {
    technique: tuple(sorted(Tactic[name] for name in names))
    for technique, names in _TABLE["techniques"].items()
}
_BY_NAME: Final[dict[str, str]] = {
    "".join(filter(str.isalnum, name.lower())): technique
    for name, technique in _TABLE["names"].items()
}


def technique_named(name: str) -> str:
    """The id of the technique of that name, "" when there is none or several have it.

    Case, spaces and punctuation do not matter: `VALID_ACCOUNTS` is `Valid Accounts`.
    """
    return _BY_NAME.get("".join(filter(str.isalnum, name.lower())), "")


@lru_cache(maxsize=1_024)
def find_techniques(text: str) -> tuple[str, ...]:
    """The technique ids in a text, in order, each once: `T1059`, `T1059.001`.

    Finds them in lists of any kind, in names (`PowerShell (T1059.001)`) and in web addresses.
    """
    return tuple(
        dict.fromkeys(
            f"T{technique}.{sub}" if sub else f"T{technique}"
            for technique, sub in _TECHNIQUE.findall(text)
        )
    )


def tactics_of(techniques: Iterable[str]) -> tuple[Tactic, ...]:
    """The tactics that the techniques serve, in kill-chain order; an unknown one serves none."""
    return tuple(sorted({tactic for technique in techniques for tactic in _of(technique)}))


def _of(technique: str) -> tuple[Tactic, ...]:
    tactics = _TACTICS.get(technique)
    return _TACTICS.get(technique.partition(".")[0], ()) if tactics is None else tactics
