"""The settings that a managed identity needs: the app works with tokens and without any key."""

import json
import time

import pytest
from azure.core.credentials import AccessToken

from ingest_alert.bootstrap import compose
from ingest_alert.handling import Message, ingest
from shared.settings import read_settings
from shared.store.client import open_database
from shared.times import DAY, format_time, now
from tests.integration.cosmos_support import emulator
from tests.unit.ingest.sampling import native


class Identity:
    """Stands for the managed identity: gives a token, and remembers who asked for which scope."""

    made: list["Identity"]

    def __init__(self, *, client_id: str | None = None) -> None:
        self.client_id = client_id
        self.scopes: list[str] = []
        self.made.append(self)

    async def get_token(self, *scopes: str, **_more: object) -> AccessToken:
        self.scopes += scopes
        return AccessToken("a-token", int(time.time()) + 3_600)

    async def close(self) -> None:
        """Nothing to close."""


async def test_an_alert_is_stored_with_the_identitys_tokens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Identity.made = []
    monkeypatch.setattr("azure.identity.aio.ManagedIdentityCredential", Identity)
    with emulator("--data", ":memory:", "--tls", "--host", "localhost") as running:
        settings = {
            "COSMOS__accountEndpoint": running.address,
            "COSMOS__credential": "managedidentity",
            "COSMOS__clientId": "1-2",
            "CREATE_CONTAINERS": "true",
        }
        async with await open_database(read_settings(settings)) as database:
            body = json.dumps(native(startTimeUtc=format_time(now() - DAY))).encode()
            tally = await ingest(Message("m-1", body, now()), compose(database))
    assert tally.stored == 1
    (identity,) = Identity.made
    assert identity.client_id == "1-2"
    assert identity.scopes
    assert all(scope.endswith("/.default") for scope in identity.scopes)
