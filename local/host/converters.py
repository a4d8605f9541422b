"""The converters of azure-functions: they turn a trigger's data into a parameter and outputs back.

They are the code that the real worker runs, so what a function receives here is what it receives
on Azure. Plain `str` and `bytes` parameters have no converter of their own: the worker treats them
as `generic`, and so does this module.
"""

from collections.abc import Mapping
from typing import Any

from azure.functions import get_binding_registry
from azure.functions.meta import Datum

GENERIC = "generic"


def converter_name(binding_type: str, python_type: Any) -> str:
    """Return which converter serves a parameter: the binding's, or `generic`."""
    return GENERIC if python_type in (str, bytes) else binding_type


def accepts_input(name: str, python_type: Any) -> bool:
    """Whether a parameter of that type can take the trigger's data."""
    if name == GENERIC:
        return True
    return _accepts(name, "check_input_type_annotation", python_type)


def accepts_output(name: str, python_type: Any) -> bool:
    """Whether a value of that type can be sent through the output binding."""
    return _accepts(name, "check_output_type_annotation", python_type)


def decode(name: str, datum: Datum, metadata: Mapping[str, Datum]) -> Any:
    """Return the parameter's value.

    Raises:
        NotImplementedError: the converter does not take this kind of data.

    """
    if name == GENERIC:
        return datum.value
    return _converter(name).decode(datum, trigger_metadata=metadata)


def encode(name: str, value: Any, python_type: Any) -> Datum:
    """Return a value that a function gave, ready to leave.

    Raises:
        TypeError: the binding cannot carry such a value.

    """
    try:
        encoded: Datum = _converter(name).encode(value, expected_type=python_type)
    except NotImplementedError as error:
        raise TypeError(
            f"a value of type {type(value).__name__} cannot leave through a '{name}' binding"
        ) from error
    return encoded


def _accepts(name: str, check: str, python_type: Any) -> bool:
    try:
        return bool(getattr(_converter(name), check)(python_type))
    except TypeError:  # issubclass() of something that is no class
        return False


def _converter(name: str) -> Any:
    converter = get_binding_registry().get(name)  # type: ignore[no-untyped-call]  # theirs
    if converter is None:
        raise TypeError(f"azure-functions has no converter for '{name}'")
    return converter
