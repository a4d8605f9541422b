"""A function as the host runs it: its callable, its trigger, its outputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from local.host.bindings import Output, Trigger
from local.host.retry import RetryPolicy

RETURN = "$return"


@dataclass(frozen=True, slots=True)
class OutputParameter:
    """Where a value goes, and the Python type that was declared for it (None = none was)."""

    binding: Output
    python_type: Any


@dataclass(frozen=True, slots=True)
class IndexedFunction:
    """One function. `outputs` is by parameter name and may hold `$return`."""

    name: str
    callable: Callable[..., Any]
    is_async: bool
    directory: str
    trigger: Trigger
    #: The binding type whose converter decodes the trigger's data: `generic` for str and bytes.
    trigger_converter: str
    outputs: Mapping[str, OutputParameter]
    requires_context: bool
    retry: RetryPolicy | None = None
    #: Its function.json, as `/admin/functions` shows it.
    config: Mapping[str, Any] = field(default_factory=dict)
