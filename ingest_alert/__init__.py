"""Queue trigger: reads alerts of any known format and stores them once.

`bp` is the blueprint. It is made on first use, so that the parsers can be imported without Azure's
libraries.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest_alert.trigger import bp as bp


def __getattr__(name: str) -> Any:
    if name == "bp":
        from ingest_alert.trigger import bp  # noqa: PLC0415 - see above

        return bp
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
