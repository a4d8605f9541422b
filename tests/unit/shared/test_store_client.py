"""Connecting to the store: by connection string or by managed identity, without a network."""

import logging
import subprocess
import sys
from pathlib import Path

import pytest
from azure.identity.aio import ManagedIdentityCredential

from shared.settings import SettingError, Settings, read_settings
from shared.store.client import open_database

ROOT = Path(__file__).parents[3]
ENDPOINT = "https://alerts.documents.azure.com/"
KEY = "AccountEndpoint=http://127.0.0.1:8081/;AccountKey=a2V5;"


class Credential:
    """Stands for the identity; keeps what it was made with."""

    def __init__(self, *, client_id: str | None = None) -> None:
        self.client_id = client_id
        self.closed = False

    async def get_token(self, *_scopes: str, **_more: object) -> object:
        raise AssertionError("opening the database asks for no token")

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Credential]:
    """The credentials that the store makes."""
    found: list[Credential] = []

    def make(*, client_id: str | None = None) -> Credential:
        found.append(Credential(client_id=client_id))
        return found[-1]

    monkeypatch.setattr("azure.identity.aio.ManagedIdentityCredential", make)
    return found


@pytest.mark.parametrize(
    ("more", "client_id"),
    [
        pytest.param({}, None, id="system-assigned"),
        pytest.param({"COSMOS__clientId": "1-2"}, "1-2", id="user-assigned"),
        pytest.param(
            {"COSMOS__clientId": "1-2", "COSMOS__credential": "managedIdentity"},
            "1-2",
            id="as the trigger needs it",
        ),
    ],
)
async def test_an_endpoint_connects_with_the_managed_identity(
    made: list[Credential], more: dict[str, str], client_id: str | None
) -> None:
    async with await open_database(read_settings({"COSMOS__accountEndpoint": ENDPOINT, **more})):
        assert [each.client_id for each in made] == [client_id]
    assert made[0].closed


async def test_a_connection_string_wins_as_it_does_for_the_trigger(
    made: list[Credential],
) -> None:
    settings = read_settings({"COSMOS": KEY, "COSMOS__accountEndpoint": ENDPOINT})
    async with await open_database(settings):
        assert made == []


async def test_the_real_credential_is_one_that_the_sdk_takes() -> None:
    settings = Settings(cosmos_endpoint=ENDPOINT, cosmos_client_id="1-2")
    async with await open_database(settings) as database:
        assert database.container("alerts").id == "alerts"
        assert isinstance(database._identity, ManagedIdentityCredential)


@pytest.mark.parametrize(
    ("set_level", "level"),
    [
        pytest.param(logging.NOTSET, logging.WARNING, id="each request is not logged"),
        pytest.param(logging.DEBUG, logging.DEBUG, id="unless it was asked for"),
    ],
)
async def test_the_sdk_logs_warnings_only(
    monkeypatch: pytest.MonkeyPatch, set_level: int, level: int
) -> None:
    logger = logging.getLogger("azure")
    monkeypatch.setattr(logger, "level", set_level)
    async with await open_database(Settings(cosmos_connection=KEY)):
        assert logger.level == level


async def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "azure.identity.aio", None)
    with pytest.raises(SettingError, match=r"COSMOS__accountEndpoint.*azure-identity"):
        await open_database(Settings(cosmos_endpoint=ENDPOINT))


def test_the_package_is_imported_only_when_it_is_needed() -> None:
    code = "import shared.store.client, sys; sys.exit('azure.identity' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0  # noqa: S603 - composed here


@pytest.mark.parametrize(
    ("given", "named"),
    [
        pytest.param({}, "COSMOS is not set", id="nothing"),
        pytest.param(
            {"COSMOS__clientId": "1-2"}, "COSMOS__accountEndpoint", id="an identity without account"
        ),
        pytest.param(
            {"COSMOS__accountEndpoint": "http://x.example/"},
            "COSMOS__accountEndpoint is 'http://x.example/': an https URL",
            id="no TLS",
        ),
        pytest.param(
            {"COSMOS__accountEndpoint": ENDPOINT, "COSMOS__credential": "key"},
            "COSMOS__credential is 'key'",
            id="another credential",
        ),
    ],
)
def test_what_cannot_be_used_is_named(given: dict[str, str], named: str) -> None:
    with pytest.raises(SettingError, match=named):
        read_settings(given)
