"""What can go wrong in the Functions host.

HostError
├── SettingsError    host.json, local.settings.json or an app setting is wrong
├── AppError         function_app.py cannot be imported or holds no app
└── FunctionFault    one function cannot be indexed; the others still load
"""


class HostError(Exception):
    """The host cannot start or go on; the message says what to do."""


class SettingsError(HostError):
    """A setting is missing or wrong; the message names it."""


class AppError(HostError):
    """The app as a whole cannot be loaded."""


class FunctionFault(HostError):  # noqa: N818 - it describes a function, as the real host's log does
    """One function cannot be indexed; the message names the function and the parameter."""

    def __init__(self, function: str, reason: str, parameter: str | None = None) -> None:
        """Keep which function and which of its parameters is at fault, and why."""
        self.function = function
        self.parameter = parameter
        self.reason = reason
        where = f" parameter '{parameter}':" if parameter else ""
        super().__init__(f"the '{function}' function is in error:{where} {reason}")
