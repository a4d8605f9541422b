"""What makes two deliveries one alert, and what keeps two alerts apart."""

from typing import Any

import pytest

from tests.unit.ingest import sampling
from tests.unit.ingest.sampling import native, parse_one

GUID = "aaaaaaaa-0001-4000-8000-000000000001"
HOST = {"Type": "host", "HostName": "web01"}
ADDRESS = {"Type": "ip", "Address": "203.0.113.5"}


def row(**columns: Any) -> dict[str, Any]:
    """A row of the `SecurityAlert` table that tells of the native alert."""
    return {
        "Type": "SecurityAlert",
        "DisplayName": "Port scan",
        "AlertType": "WindowsDefenderAtp",
        "AlertSeverity": "Low",
        "StartTime": "2026-03-02T10:00:00Z",
        **columns,
    }


def graph(own_id: str, products_id: str = "") -> dict[str, Any]:
    """An alert of Graph that tells of the native alert."""
    return {
        "id": own_id,
        "providerAlertId": products_id or None,
        "title": "Port scan",
        "severity": "low",
        "createdDateTime": "2026-03-02T10:00:00Z",
        "evidence": [],
    }


def lake(product: str, uid: str) -> dict[str, Any]:
    """A finding as Security Lake keeps it."""
    return {
        "class_uid": 2004,
        "severity_id": 3,
        "time": 1_772_445_600_000,
        "finding_info": {"uid": uid, "title": "Unusual call"},
        "metadata": {"product": {"name": product, "vendor_name": "AWS"}},
    }


SAME: list[Any] = [
    pytest.param(
        sampling.value("defender_2022"),
        sampling.value("defender_2022")["properties"],
        id="with and without the ARM envelope",
    ),
    pytest.param(
        sampling.value("defender_2015"),
        sampling.value("defender_2015")["properties"],
        id="the preview of 2015, with and without the envelope",
    ),
    pytest.param(
        native(systemAlertId=f"2517000000000000001_{GUID}", alertType="VM_RareProcess"),
        native(
            systemAlertId=None, instanceId=GUID.upper(), alertType=None, alertName="RareProcess"
        ),
        id="a version that says alertName and one that says alertType",
    ),
    pytest.param(
        native(systemAlertId=f"2517000000000000001_{GUID}"),
        row(SystemAlertId="s-1", VendorOriginalId=GUID),
        id="Defender for Cloud, and the row that Sentinel makes of it",
    ),
    pytest.param(
        native(systemAlertId=f"2517000000000000001_{GUID}"),
        graph(f"dc{GUID}", f"2517000000000000001_{GUID}"),
        id="Defender for Cloud, and Graph",
    ),
    pytest.param(
        row(SystemAlertId="s-1", VendorOriginalId="da637500000000000001_-961"),
        graph("da637500000000000001_-961"),
        id="an alert of a device, in a workspace and in Graph",
    ),
    pytest.param(
        row(SystemAlertId="s-1", VendorOriginalId="da637500000000000001_-961"),
        {
            "alertId": "da637500000000000001_-961",
            "serviceSource": "MicrosoftDefenderForEndpoint",
            "title": "Port scan",
            "creationTime": "2026-03-02T10:00:00Z",
        },
        id="an alert of a device, in a workspace and from Defender XDR",
    ),
    pytest.param(
        graph("da637500000000000001_-961"),
        {
            "category": "AdvancedHunting-AlertInfo",
            "time": "2026-03-02T10:00:00Z",
            "properties": {"AlertId": "da637500000000000001_-961", "Title": "Port scan"},
        },
        id="an alert of a device, from Graph and streamed",
    ),
    pytest.param(
        row(SystemAlertId="s-1", VendorOriginalId="637500000000000001_-961"),
        graph("da637500000000000001_-961", "da637500000000000001_-961"),
        id="the product's id with and without its letters",
    ),
    pytest.param(
        row(SystemAlertId=GUID, ProviderAlertId="r-1", ProviderName="ASI Scheduled Alerts"),
        graph(f"sn{GUID}"),
        id="an alert of Sentinel's own rule, and Graph",
    ),
    pytest.param(
        row(SystemAlertId="s-1", VendorOriginalId=GUID, Entities=[HOST, ADDRESS]),
        row(SystemAlertId="s-1", VendorOriginalId=GUID, Entities=[ADDRESS]),
        id="other evidence, or in another order",
    ),
    pytest.param(native(), native(status="Resolved", severity="High"), id="another state"),
    pytest.param(
        sampling.value("guardduty_event"),
        sampling.value("security_hub"),
        id="GuardDuty's own finding and Security Hub's",
    ),
    pytest.param(
        sampling.value("guardduty_event"),
        lake("GuardDuty", sampling.value("guardduty_event")["detail"]["id"]),
        id="GuardDuty's own finding and Security Lake's",
    ),
    pytest.param(
        sampling.value("guardduty_event"),
        lake("GuardDuty", sampling.value("security_hub")["Id"]),
        id="a finding by its id and by its ARN",
    ),
    pytest.param(
        sampling.value("guardduty_event"),
        sampling.value("guardduty_event")["detail"],
        id="a finding as an event and alone",
    ),
    pytest.param(
        sampling.value("google_scc"),
        sampling.value("google_scc")["finding"],
        id="a notification and the finding alone",
    ),
    pytest.param(sampling.value("falco"), sampling.value("falco"), id="a redelivery"),
]
DIFFERENT: list[Any] = [
    pytest.param(native(), native(systemAlertId="a-2"), id="another id"),
    pytest.param(
        native(),
        native(alertType="VM_Eicar", alertDisplayName="Test alert"),
        id="one systemAlertId on two kinds of alert",
    ),
    pytest.param(
        sampling.value("suricata"),
        sampling.value("suricata") | {"timestamp": "2026-03-13T10:00:00.123457+0000"},
        id="the next packet of a flow",
    ),
    pytest.param(
        sampling.value("wazuh"),
        sampling.value("wazuh") | {"manager": {"name": "other"}},
        id="the same number of another manager",
    ),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_one_alert_has_one_identity(first: Any, second: Any) -> None:
    assert parse_one(first).identity == parse_one(second).identity


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_two_alerts_have_two_ids(first: Any, second: Any) -> None:
    assert parse_one(first).id != parse_one(second).id


def test_the_sources_own_id_is_kept_as_it_was_written() -> None:
    alert = sampling.alert("defender_2015")
    assert alert.source_id == "2518000000000000001_BBBBBBBB-0001-4000-8000-000000000001"


def test_an_alert_that_fires_again_is_another_alert() -> None:
    message = sampling.value("alertmanager")["alerts"][0]
    again = message | {"startsAt": "2026-03-18T10:00:00Z"}
    resolved = message | {"status": "resolved", "endsAt": "2026-03-17T11:00:00Z"}
    assert parse_one(message).id == parse_one(resolved).id != parse_one(again).id
