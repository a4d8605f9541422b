"""What makes an alert of Microsoft's products one alert, through whichever channel it comes.

Defender for Cloud's API, its export and the rows of a workspace, Graph, the Defender XDR APIs and
Sentinel all hand over the same alerts, each with an id of its own beside the product's.
"""

import re
from functools import lru_cache
from typing import Final

FAMILY: Final = "microsoft"

_GUID: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ID: Final = re.compile(
    r"(?:[a-z]{2})?"
    r"(?:\d{15,20}_)?"
    rf"({_GUID}(?:_\d+)?|\d{{15,20}}_-?\d+|[0-9a-f]{{24}}|[0-9a-f]{{32}}|[0-9a-f]{{64}})"
)
"""Two letters that name the product, in Graph and the XDR APIs; ticks, in Defender for Cloud; and
the product's own id, which is all that every channel states.

The letters are documented under *Alert sources* of Microsoft's *Investigate alerts in Microsoft
Defender XDR*: `da` and `ed` Endpoint, `aa` Identity, `ca` Cloud Apps, `fa` Office 365, `ad` Entra
ID Protection, `dc` Cloud, `dl` data loss prevention, `ma` app governance, `sn` Sentinel."""
_NOT_A_LETTER_OR_DIGIT: Final = re.compile(r"[\W_]+")


def plain_id(identifier: str) -> str:
    """The product's own id in what a channel states: `da637…_-96` and `637…_-96` are one."""
    lower = identifier.strip().lower()
    match = _ID.fullmatch(lower)
    return match[1] if match else lower


def identity_of(identifier: str, title: str) -> tuple[str, ...]:
    """The identity of an alert of Microsoft's.

    Its title is part of it, because published examples state one `systemAlertId` for two alerts;
    unlike the type it is the same in every channel.
    """
    return (FAMILY, plain_id(identifier), _plain_title(title))


@lru_cache(maxsize=8_192)
def _plain_title(title: str) -> str:
    return _NOT_A_LETTER_OR_DIGIT.sub(" ", title.lower()).strip()
