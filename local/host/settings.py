"""App settings: the environment, over local.settings.json, over its template."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from local.host.errors import SettingsError

SETTINGS_FILE = "local.settings.json"
TEMPLATE_FILE = "local.settings.template.json"

_EXPRESSION = re.compile(r"%([^%]+)%")


@dataclass(frozen=True, slots=True)
class AppSettings:
    """Settings by name, and a note on where they came from (empty when nothing is unusual)."""

    values: Mapping[str, str]
    note: str = ""

    def resolve(self, text: str) -> str:
        """Replace each `%NAME%` in a binding's value by that setting.

        Raises:
            SettingsError: there is no such setting.

        """
        return _EXPRESSION.sub(lambda match: self.require(match[1]), text)

    def require(self, name: str) -> str:
        """Return a setting.

        Raises:
            SettingsError: it is missing or empty.

        """
        if value := self.values.get(name, ""):
            return value
        raise SettingsError(f"the app setting '{name}' is not set: add it to {SETTINGS_FILE}")

    def connection(self, name: str) -> str:
        """Return the connection string behind a binding's `connection`.

        The name may lack the prefix `AzureWebJobs`, as on Azure.

        Raises:
            SettingsError: there is none; a managed identity cannot be used locally.

        """
        for candidate in (name, f"AzureWebJobs{name}", f"ConnectionStrings:{name}"):
            if value := self.values.get(candidate, ""):
                return value
        if any(key.startswith(f"{name}__") for key in self.values):
            raise SettingsError(
                f"the connection '{name}' uses an identity: "
                "the local host needs a connection string"
            )
        raise SettingsError(
            f"the connection '{name}' is not set: add a connection string to {SETTINGS_FILE}"
        )

    def is_disabled(self, function: str) -> bool:
        """Whether the setting `AzureWebJobs.<function>.Disabled` switches a function off."""
        return self.values.get(f"AzureWebJobs.{function}.Disabled", "").lower() in {"true", "1"}


def read_settings(app: Path, environment: Mapping[str, str]) -> AppSettings:
    """Read the app's settings; the environment wins over the file.

    Raises:
        SettingsError: the file is wrong.

    """
    path, note = app / SETTINGS_FILE, ""
    if not path.exists():
        path = app / TEMPLATE_FILE
        note = f"{SETTINGS_FILE} is absent: using the values of {TEMPLATE_FILE}"
    if not path.exists():
        return AppSettings(dict(environment), f"{SETTINGS_FILE} is absent: using the environment")
    return AppSettings({**_values(path), **environment}, note)


def _values(path: Path) -> dict[str, str]:
    try:
        document = json.loads(path.read_text())
    except ValueError as error:
        raise SettingsError(f"{path.name} is no JSON: {error}") from error
    values = document.get("Values", {}) if isinstance(document, dict) else None
    if not isinstance(values, dict):
        raise SettingsError(f"{path.name}: 'Values' must be an object of strings")
    for name, value in values.items():
        if not isinstance(value, str):
            raise SettingsError(f"{path.name}: the value of '{name}' must be a string")
    return values
