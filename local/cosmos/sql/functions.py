"""The built-in functions, gathered from their groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .functions_arrays import ARRAY_FUNCTIONS
from .functions_numbers import NUMBER_FUNCTIONS
from .functions_strings import STRING_FUNCTIONS
from .functions_times import TIME_FUNCTIONS
from .functions_types import TYPE_FUNCTIONS

if TYPE_CHECKING:
    from .functions_core import Function

FUNCTIONS: Final[dict[str, Function]] = {
    **TYPE_FUNCTIONS,
    **STRING_FUNCTIONS,
    **NUMBER_FUNCTIONS,
    **ARRAY_FUNCTIONS,
    **TIME_FUNCTIONS,
}
