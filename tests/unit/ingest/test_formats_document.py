"""`docs/formats.md` names every field that the parsers read, and none that they do not."""

import ast
import re
from pathlib import Path

import pytest

from ingest_alert import envelopes
from ingest_alert.mapping.folder import shipped_formats
from ingest_alert.registry import SOURCES

ROOT = Path(envelopes.__file__).parent
DOCUMENT = (ROOT.parent / "docs" / "formats.md").read_text(encoding="utf-8")

READERS = frozenset(
    {"text", "texts", "time", "instant", "need_text", "need_time", "need_instant"}
    | {"sub", "items", "list", "at", "read_field", "look", "take_all"}
)
"""The methods that read a field by its name."""

SECTIONS = {
    "microsoft": ["sources/microsoft.py"],
    "microsoft-entities": ["microsoft_entity_types.py"],
    "sentinel-incident": ["sources/sentinel_incident.py"],
    "graph-alert": ["sources/graph_alert.py"],
    "azure-monitor": ["sources/azure_monitor.py"],
    "aws-guardduty": ["sources/aws_guardduty.py", "sources/aws.py", "sources/aws_sequence.py"],
    "aws-security-hub": ["sources/aws_security_hub.py"],
    "ocsf": ["sources/ocsf.py"],
    "crowdstrike": ["sources/crowdstrike.py"],
    "wazuh": ["sources/wazuh.py"],
    "suricata": ["sources/suricata.py"],
    "falco": ["sources/falco.py"],
    "elastic": ["sources/elastic.py"],
    "google-scc": ["sources/google_scc.py"],
    "alertmanager": ["sources/alertmanager.py"],
}
NO_FIELDS = frozenset(
    {"", "k8spod", "k8scluster", "azureresource", "container", "file", "ip", "process"}
)
"""What stands where field names do and is none: entity types, prefixes."""


def section(name: str) -> str:
    """The text under a heading, to the next."""
    pattern = rf"^### {re.escape(name)}$(.*?)(?=^##|\Z)"
    found = re.search(pattern, DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found, f"docs/formats.md has no section {name}"
    return found[1]


def named(name: str) -> set[str]:
    """The dotted names in a section's code spans, and their parts, in lower case."""
    spans = {span.lower() for span in re.findall(r"`([^`]+)`", section(name))}
    return spans | {part for span in spans for part in span.split(".")}


def trees(name: str) -> list[ast.Module]:
    return [ast.parse((ROOT / file).read_text(encoding="utf-8")) for file in SECTIONS[name]]


def read_by_name(name: str) -> set[str]:
    """The field names that calls of the reading methods spell out."""
    return {
        argument.value.lower()
        for tree in trees(name)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in READERS
        for argument in call.args
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }


def words_in(name: str) -> str:
    """Everything that the modules write as text, in lower case."""
    return "\n".join(
        node.value.lower()
        for tree in trees(name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@pytest.mark.parametrize("name", SECTIONS)
def test_every_field_that_is_read_is_documented(name: str) -> None:
    assert sorted(read_by_name(name) - named(name) - NO_FIELDS) == []


@pytest.mark.parametrize("name", SECTIONS)
def test_every_documented_field_is_read(name: str) -> None:
    table = "\n".join(line for line in section(name).splitlines() if line.startswith("|"))
    words = words_in(name)
    spans = [span.lower() for span in re.findall(r"`([^`]+)`", table)]
    unread = [span for span in spans if span.rpartition(".")[2] not in words and span not in words]
    assert [span for span in unread if "…" not in span] == []


def test_every_format_and_every_envelope_has_its_place() -> None:
    for source in SOURCES:
        assert section(source.name)
    listed = DOCUMENT.partition("## Mapping files")[2].partition("\n## ")[0]
    mapped = set(re.findall(r"`([^`]+)`", listed))
    assert mapped >= {source.name for source in shipped_formats()}
    messages = DOCUMENT.partition("## Messages")[2].partition("\n## ")[0]
    keys = {part for span in re.findall(r"`([^`]+)`", messages) for part in span.split(".")}
    assert keys >= envelopes.OPENING_KEYS
