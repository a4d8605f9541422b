"""The infrastructure names what the app names, and keeps what it must keep. It is not compiled."""

import json
import re
import runpy
from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from shared.settings import read_settings
from tests.unit.infra.bicep import FILES, FOLDER, ROOT, Bicep
from tests.worker.environment import VERSION

MAIN, RESOURCES = Bicep.read("main.bicep"), Bicep.read("resources.bicep")
STORAGE, COSMOS = Bicep.read("storage.bicep"), Bicep.read("cosmos.bicep")
PLATFORM = re.compile(r"AzureWebJobsStorage__\w+|APPLICATIONINSIGHTS_\w+")


def settings() -> dict[str, str]:
    """The app's settings by name, as Bicep expressions."""
    return RESOURCES.block("resource settings ")


@cache
def bindings() -> list[Mapping[str, Any]]:
    app = runpy.run_path(str(ROOT / "function_app.py"))["app"]
    return [
        binding.get_dict_repr()
        for function in app.get_functions()
        for binding in function.get_bindings()
    ]


@pytest.mark.parametrize("name", FILES)
def test_brackets_and_quotes_are_balanced(name: str) -> None:
    text = Bicep.read(name).unquoted()
    for opening, closing in ("{}", "[]", "()"):
        assert text.count(opening) == text.count(closing), opening
    assert text.count("'") % 2 == 0


@pytest.mark.parametrize("name", FILES)
def test_modules_exist_and_get_the_parameters_that_they_declare(name: str) -> None:
    for file, given in Bicep.read(name).modules().values():
        declared = Bicep.read(file).parameters()
        assert given <= declared.keys(), f"{file} declares no such parameter"
        assert {each for each, default in declared.items() if not default} <= given


@pytest.mark.parametrize("name", FILES)
def test_outputs_that_are_used_are_declared(name: str) -> None:
    bicep = Bicep.read(name)
    used = re.findall(r"(\w+)\.outputs\.(\w+)", bicep.text)
    for symbol, output in used:
        assert output in Bicep.read(bicep.modules()[symbol][0]).outputs()


@pytest.mark.parametrize("name", FILES)
def test_every_parameter_is_used(name: str) -> None:
    bicep = Bicep.read(name)
    for parameter in bicep.parameters():
        assert len(re.findall(rf"\b{parameter}\b", bicep.text)) > 1, parameter


@pytest.mark.parametrize("name", FILES)
def test_files_that_are_loaded_exist(name: str) -> None:
    for file in re.findall(r"load\w+Content\('([^']+)'", Bicep.read(name).text):
        assert (FOLDER / file).is_file()


def test_the_parameter_file_names_parameters_of_main() -> None:
    document = json.loads((FOLDER / "main.parameters.json").read_text())
    declared = MAIN.parameters()
    assert document["parameters"].keys() <= declared.keys()
    required = {name for name, default in declared.items() if not default}
    assert required <= document["parameters"].keys()


def test_every_setting_is_the_platforms_or_documented() -> None:
    table = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    ours = {name for name in settings() if not PLATFORM.fullmatch(name)}
    assert {name for name in ours if f"| `{name}` |" not in table} == set()


def test_every_connection_of_a_trigger_or_output_is_an_identity() -> None:
    connections = {each["connection"] for each in bindings() if each.get("connection")}
    assert connections == {"AzureWebJobsStorage", "COSMOS"}
    for connection in connections:
        assert connection not in settings()
        assert settings()[f"{connection}__credential"] == "'managedidentity'"
        assert settings()[f"{connection}__clientId"] == "identity.properties.clientId"


def test_the_app_connects_with_what_is_set() -> None:
    given = {"COSMOS__accountEndpoint": "https://x.documents.azure.com:443/"}
    for name in ("COSMOS__credential", "COSMOS__clientId", "COSMOS_DATABASE"):
        given[name] = settings()[name].strip("'")
    assert read_settings(given).cosmos_client_id


def test_names_in_bindings_are_set() -> None:
    expressions = re.findall(r"%(\w+)%", str(bindings()))
    assert set(expressions) == {"COSMOS_DATABASE"}
    assert set(expressions) <= settings().keys()


def test_the_queues_of_the_app_and_its_poison_queue_are_made() -> None:
    queues = {each["queueName"] for each in bindings() if "queueName" in each}
    poison = {f"{queue}-poison" for queue in queues if not queue.endswith("-poison")}
    made = re.findall(r"parent: queueService\n  name: '([^']+)'", STORAGE.text)
    assert set(made) == queues | poison


def test_the_triggers_read_containers_that_are_made() -> None:
    triggers = [each for each in bindings() if each["type"] == "cosmosDBTrigger"]
    read = {each["containerName"] for each in triggers}
    leases = {each["leaseContainerName"] for each in triggers}
    made = {
        each["name"] for each in json.loads((FOLDER / "containers.json").read_text())["containers"]
    }
    assert read == {"alerts", "news"}
    assert read | leases <= made


def test_the_page_is_served_and_containers_are_not_made_by_the_app() -> None:
    assert settings()["AzureWebJobsDisableHomepage"] == "'true'"
    assert "CREATE_CONTAINERS" not in settings()


def test_a_principal_is_trusted_only_where_the_platform_signs_people_in() -> None:
    assert settings()["TRUST_CLIENT_PRINCIPAL"] == "empty(authClientId) ? 'false' : 'true'"
    assert "config@2024-04-01' = if (!empty(authClientId)) {" in RESOURCES.text


def test_the_sites_configuration_is_written_in_turn() -> None:
    order = re.findall(r"resource (\w+) '[^']+' =[^{]*\{\n  parent: app\n", RESOURCES.text)
    waits = re.findall(r"dependsOn: \[([^\]]+)\]", RESOURCES.text)
    assert order == ["settings", "signIn", "noFtp", "noBasicPublishing"]
    assert waits == ["settings", "settings, signIn", "noFtp"]


def test_every_parameter_but_the_key_can_be_set_through_azd() -> None:
    document = json.loads((FOLDER / "main.parameters.json").read_text())
    left_out = MAIN.parameters().keys() - document["parameters"].keys()
    assert left_out == {"cursorKey", "resourceGroupName"}


def test_the_runtime_is_the_one_that_the_worker_library_is_compared_on() -> None:
    assert f"version: '{'.'.join(map(str, VERSION))}'" in RESOURCES.text


@pytest.mark.parametrize(
    ("bicep", "line"),
    [
        pytest.param(STORAGE, "allowSharedKeyAccess: false", id="storage: no keys"),
        pytest.param(STORAGE, "allowBlobPublicAccess: false", id="storage: nothing public"),
        pytest.param(STORAGE, "minimumTlsVersion: 'TLS1_2'", id="storage: TLS 1.2"),
        pytest.param(STORAGE, "supportsHttpsTrafficOnly: true", id="storage: HTTPS only"),
        pytest.param(COSMOS, "disableLocalAuth: true", id="Cosmos DB: no keys"),
        pytest.param(COSMOS, "minimalTlsVersion: 'Tls12'", id="Cosmos DB: TLS 1.2"),
        pytest.param(COSMOS, "type: 'Continuous'", id="Cosmos DB: restore to a point in time"),
        pytest.param(COSMOS, "scope: '${account.id}/dbs/${database.name}'", id="only its database"),
        pytest.param(RESOURCES, "DisableLocalAuth: true", id="telemetry: no keys"),
        pytest.param(RESOURCES, "httpsOnly: true", id="app: HTTPS only"),
        pytest.param(RESOURCES, "minTlsVersion: '1.2'", id="app: TLS 1.2"),
        pytest.param(RESOURCES, "ftpsState: 'Disabled'", id="app: no FTP"),
        pytest.param(RESOURCES, "version: '3.13'", id="Python 3.13"),
        pytest.param(
            RESOURCES,
            "triggers: { http: { perInstanceConcurrency: httpConcurrency } }",
            id="more than one request at a time",
        ),
        pytest.param(RESOURCES, "name: 'FC1'", id="Flex Consumption"),
    ],
)
def test_what_must_stand(bicep: Bicep, line: str) -> None:
    assert line in [each.strip() for each in bicep.text.splitlines()]


@pytest.mark.parametrize("name", FILES)
def test_no_key_is_ever_asked_for(name: str) -> None:
    assert (
        re.search(
            r"listKeys|listConnectionStrings|AccountKey|AccountEndpoint=", Bicep.read(name).text
        )
        is None
    )


BLOB_OWNER = "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"
QUEUE_CONTRIBUTOR = "974c5e8b-45b9-4653-ba55-5f855dd0fb88"


def test_the_identity_gets_these_roles_on_storage_and_no_others() -> None:
    variables = dict(re.findall(r"^var (\w+) = '([0-9a-f-]{36})'$", STORAGE.text, re.MULTILINE))
    granted = re.findall(
        r"scope: (\w+)\n.*\n\s+roleDefinitionId: .*roleDefinitions', (\w+)\)", STORAGE.text
    )
    assert sorted((scope, variables[role]) for scope, role in granted) == [
        ("account", BLOB_OWNER),
        ("alerts", QUEUE_CONTRIBUTOR),
        ("poison", QUEUE_CONTRIBUTOR),
    ]
    assert len(granted) == STORAGE.text.count("Microsoft.Authorization/roleAssignments@")


def test_what_a_flood_can_cost_is_bounded() -> None:
    assert MAIN.parameters()["maximumInstanceCount"]
    assert "maximumInstanceCount: maximumInstanceCount" in RESOURCES.text
    assert re.search(r"workspaceCapping: \{ dailyQuotaGb: \d+ \}", RESOURCES.text)
