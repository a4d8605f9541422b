"""Fixtures: what handling works with, in memory."""

import pytest

from ingest_alert.handling import Services
from tests.unit.ingest.fakes import NOW, Alerts, Rejections, Rules


@pytest.fixture
def alerts() -> Alerts:
    return Alerts()


@pytest.fixture
def rejected() -> Rejections:
    return Rejections()


@pytest.fixture
def rules() -> Rules:
    return Rules()


@pytest.fixture
def services(alerts: Alerts, rejected: Rejections, rules: Rules) -> Services:
    return Services(alerts=alerts, rejected=rejected, rules=rules, now=lambda: NOW)
