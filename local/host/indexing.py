"""Load function_app.py and index its functions, with the real worker's checks.

The checks are those of the Python worker's registry: every parameter is bound and every binding
has its parameter, annotations fit the bindings, retry policies are spelt right. Unlike the worker,
which gives up on the whole app, the host names the function at fault and loads the others.
"""

import importlib
import inspect
import json
import sys
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import azure.functions as func
from pydantic import ValidationError

from local.host import converters
from local.host.bindings import OUTPUTS, TRIGGERS, HttpTrigger, Output, Trigger
from local.host.errors import AppError, FunctionFault
from local.host.functions import RETURN, IndexedFunction, OutputParameter
from local.host.retry import RetryPolicy, read_retry_policy

APP_MODULE = "function_app"


@dataclass(frozen=True, slots=True)
class Index:
    """The functions that load, and why the others do not."""

    functions: tuple[IndexedFunction, ...]
    faults: tuple[FunctionFault, ...]


def load_app(folder: Path) -> func.FunctionRegister:
    """Import `function_app.py` from a folder and return its app object.

    Raises:
        AppError: it is missing, cannot be imported, or does not hold exactly one app.

    """
    if not (folder / f"{APP_MODULE}.py").exists():
        raise AppError(f"{folder} has no {APP_MODULE}.py: give the app's folder with --app")
    sys.path.insert(0, str(folder))
    try:
        module = importlib.import_module(APP_MODULE)
    except Exception as error:
        raise AppError(
            f"{APP_MODULE}.py cannot be imported: {type(error).__name__}: {error}"
        ) from error
    apps = [value for value in vars(module).values() if isinstance(value, func.FunctionRegister)]
    if len(apps) != 1:
        raise AppError(
            f"{APP_MODULE}.py must hold one FunctionApp at its top level, not {len(apps)}"
        )
    return apps[0]


def index_app(app: func.FunctionRegister) -> Index:
    """Index every function of the app."""
    faults: list[FunctionFault] = []
    functions: dict[str, IndexedFunction] = {}
    for built in _build(app, faults):
        try:
            function = index_function(built)
        except FunctionFault as fault:
            faults.append(fault)
            continue
        if function.name in functions:
            faults.append(FunctionFault(function.name, "another function has the same name"))
        else:
            functions[function.name] = function
    return Index(tuple(functions.values()), tuple(faults))


def _build(app: func.FunctionRegister, faults: list[FunctionFault]) -> Iterable[Any]:
    """Build each function alone: `get_functions` stops at the first that has no trigger."""
    for builder in app._function_builders:
        try:
            yield builder.build(app.auth_level)
        except ValueError as error:
            name = str(builder._function.get_function_name())
            faults.append(FunctionFault(name, str(error)))


def index_function(built: Any) -> IndexedFunction:
    """Check one built function and return it as the host runs it.

    Raises:
        FunctionFault: it cannot be indexed.

    """
    name: str = built.get_function_name()
    call = built.get_user_function()
    config = json.loads(built.get_function_json())
    trigger, outputs = _read_bindings(name, config["bindings"])
    hints = _type_hints(name, call)
    parameters = dict(inspect.signature(call).parameters)
    requires_context = _takes_context(name, parameters, hints, {trigger.name, *outputs})
    _check_parameters(name, set(parameters), {trigger.name, *outputs} - {RETURN})
    return IndexedFunction(
        name=name,
        callable=call,
        is_async=inspect.iscoroutinefunction(call),
        directory=str(Path(inspect.getfile(call)).parent),
        trigger=_with_route(trigger, name),
        trigger_converter=_check_input(name, trigger, hints.get(trigger.name)),
        outputs={key: _check_output(name, key, binding, hints) for key, binding in outputs.items()},
        requires_context=requires_context,
        retry=_retry_policy(name, built),
        config=config,
    )


def _read_bindings(name: str, raw: list[dict[str, Any]]) -> tuple[Trigger, dict[str, Output]]:
    triggers: list[Trigger] = []
    outputs: dict[str, Output] = {}
    for binding in raw:
        kind, parameter = binding["type"], binding["name"]
        present = {key: value for key, value in binding.items() if value is not None}
        try:
            if model := TRIGGERS.get(kind):
                triggers.append(model.model_validate(present))
            elif output := OUTPUTS.get(kind):
                outputs[parameter] = output.model_validate(present)
            else:
                raise FunctionFault(name, f"the local host does not run '{kind}'", parameter)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(str(part) for part in first["loc"])
            raise FunctionFault(name, f"{kind}: {field}: {first['msg']}", parameter) from error
    if len(triggers) != 1:
        raise FunctionFault(name, f"a function has one trigger, not {len(triggers)}")
    return triggers[0], outputs


def _type_hints(name: str, call: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(call)
    except (NameError, TypeError) as error:
        raise FunctionFault(name, f"an annotation cannot be read: {error}") from error


def _takes_context(
    name: str, parameters: dict[str, Any], hints: dict[str, Any], bound: set[str]
) -> bool:
    if "context" not in parameters or "context" in bound:
        return False
    hint = hints.get("context", func.Context)
    if getattr(hint, "__name__", "") != "Context":
        raise FunctionFault(name, f"it must be azure.functions.Context, not {hint!r}", "context")
    del parameters["context"]
    return True


def _check_parameters(name: str, declared: set[str], bound: set[str]) -> None:
    for parameter in sorted(declared - bound):
        raise FunctionFault(name, "it has no binding; add a decorator or remove it", parameter)
    for parameter in sorted(bound - declared):
        raise FunctionFault(name, "it is bound, but the function does not take it", parameter)


def _check_input(name: str, trigger: Trigger, hint: Any) -> str:
    if typing.get_origin(hint) is func.Out or hint is func.Out:
        raise FunctionFault(name, "it is an input, but its annotation is Out", trigger.name)
    converter = converters.converter_name(trigger.type, hint)
    if hint is not None and not converters.accepts_input(converter, hint):
        raise FunctionFault(name, f"'{trigger.type}' does not give {_shown(hint)}", trigger.name)
    return converter


def _check_output(
    name: str, parameter: str, binding: Output, hints: dict[str, Any]
) -> OutputParameter:
    hint = hints.get("return" if parameter == RETURN else parameter)
    if parameter == RETURN:
        if hint is not None and not isinstance(hint, type):
            raise FunctionFault(name, f"{_shown(hint)} is no type that can be returned", RETURN)
        python_type = hint
    else:
        python_type = _out_type(name, parameter, hint)
    if python_type not in (None, type(None)) and not converters.accepts_output(
        binding.type, python_type
    ):
        reason = f"'{binding.type}' does not take {_shown(python_type)}"
        raise FunctionFault(name, reason, parameter)
    return OutputParameter(binding, python_type)


def _out_type(name: str, parameter: str, hint: Any) -> Any:
    if hint is None:
        return None
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is not func.Out or len(arguments) != 1:
        reason = f"it is an output: annotate it as azure.functions.Out[…], not {_shown(hint)}"
        raise FunctionFault(name, reason, parameter)
    return arguments[0]


def _shown(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)


def _with_route(trigger: Trigger, name: str) -> Trigger:
    """An HTTP function without a route, or with an empty one, answers at its name."""
    if isinstance(trigger, HttpTrigger) and not trigger.route:
        return trigger.model_copy(update={"route": name})
    return trigger


def _retry_policy(name: str, built: Any) -> RetryPolicy | None:
    values = built.get_settings_dict("retry_policy")
    if not values:
        return None
    try:
        return read_retry_policy(values)
    except ValueError as error:
        raise FunctionFault(name, str(error)) from error
