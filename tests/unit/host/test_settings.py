"""App settings: where they come from, and connections."""

import json
from pathlib import Path

import pytest

from local.host.errors import SettingsError
from local.host.settings import AppSettings, read_settings


def write(folder: Path, name: str, **values: object) -> None:
    (folder / name).write_text(json.dumps({"IsEncrypted": False, "Values": values}))


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    write(tmp_path, "local.settings.json", A="file", B="file")
    settings = read_settings(tmp_path, {"A": "environment"})
    assert (settings.values["A"], settings.values["B"]) == ("environment", "file")


def test_the_template_stands_in_for_an_absent_file_and_that_is_said(tmp_path: Path) -> None:
    write(tmp_path, "local.settings.template.json", A="template")
    settings = read_settings(tmp_path, {})
    assert settings.values["A"] == "template"
    assert "local.settings.template.json" in settings.note


def test_with_a_file_nothing_is_said(tmp_path: Path) -> None:
    write(tmp_path, "local.settings.json", A="file")
    assert read_settings(tmp_path, {}).note == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("{", "no JSON", id="no JSON"),
        pytest.param("[]", "must be an object", id="no object"),
        pytest.param('{"Values": {"A": 1}}', "'A' must be a string", id="no string"),
    ],
)
def test_a_wrong_file_is_explained(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "local.settings.json").write_text(text)
    with pytest.raises(SettingsError, match=words):
        read_settings(tmp_path, {})


def test_names_between_percent_signs_are_replaced() -> None:
    assert AppSettings({"Q": "alerts"}).resolve("my-%Q%-1") == "my-alerts-1"


def test_a_missing_name_is_named() -> None:
    with pytest.raises(SettingsError, match="'Q' is not set"):
        AppSettings({}).resolve("%Q%")


@pytest.mark.parametrize("name", ["Storage", "AzureWebJobsStorage", "ConnectionStrings:Storage"])
def test_a_connection_is_found_under_its_full_name(name: str) -> None:
    assert AppSettings({name: "x"}).connection("Storage") == "x"


def test_a_managed_identity_is_refused_by_name() -> None:
    settings = AppSettings({"COSMOS__accountEndpoint": "https://example.org"})
    with pytest.raises(SettingsError, match="'COSMOS' uses an identity"):
        settings.connection("COSMOS")


def test_a_missing_connection_is_named() -> None:
    with pytest.raises(SettingsError, match="'COSMOS' is not set"):
        AppSettings({}).connection("COSMOS")


@pytest.mark.parametrize(("value", "disabled"), [("true", True), ("1", True), ("false", False)])
def test_a_function_can_be_switched_off(value: str, disabled: bool) -> None:
    assert AppSettings({"AzureWebJobs.f.Disabled": value}).is_disabled("f") is disabled
