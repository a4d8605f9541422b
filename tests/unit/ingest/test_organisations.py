"""Which organisation an alert belongs to."""

import pytest

from ingest_alert.organisations import Organisations
from tests.unit.shared.alerts import make_alert

TWO = Organisations("main", {"cid-1": "red", "11111111-2222": "blue"})


@pytest.mark.parametrize(
    ("organisations", "tenant", "expected", "noted"),
    [
        pytest.param(Organisations(), "cid-1", "main", False, id="one for everything"),
        pytest.param(Organisations("acme"), "", "acme", False, id="one of another name"),
        pytest.param(TWO, "CID-1 ", "red", False, id="a tenant in any case"),
        pytest.param(TWO, "11111111-2222", "blue", False, id="another product's tenant"),
        pytest.param(TWO, "cid-9", "main", True, id="a tenant that nobody assigned"),
        pytest.param(TWO, "", "main", True, id="no tenant"),
    ],
)
def test_the_tenant_says_whose_an_alert_is(
    organisations: Organisations, tenant: str, expected: str, noted: bool
) -> None:
    found = organisations.assigned(make_alert(tenant=tenant))
    notes = [note for note in found.notes if "assigned to no organisation" in note]
    assert (found.organisation, bool(notes)) == (expected, noted)


def test_one_alert_of_two_organisations_is_two_alerts() -> None:
    red, blue = (TWO.assigned(make_alert(tenant=tenant)) for tenant in ("cid-1", "11111111-2222"))
    assert red.id != blue.id
