"""What the documents for contributors, the templates and the workflows name exists."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from local.commands import COMMANDS
from tests.unit.docs.named_tests import ROOT

DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/README.md", ".github/**/*.*", ".pre-commit-config.yaml")
    for path in ROOT.glob(pattern)
)
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
MADE = re.compile(r"^(\.venv|node_modules|build|\.local)(/|$)")
"""What set-up and runs make: absent from a fresh clone."""
EXAMPLES = {"ingest_alert/sources/yours.py"}


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_targets_of_make_exist(name: str) -> None:
    named = re.findall(r"(?:^|`|run: )make ([a-z-]+)", read(name), re.MULTILINE)
    assert not [each for each in named if not re.search(rf"^{each}:", MAKEFILE, re.MULTILINE)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_commands_exist(name: str) -> None:
    named = re.findall(r"(?:python -m local|a2i) ([a-z][a-z-]*)", read(name))
    assert set(named) <= set(COMMANDS)


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.endswith(".md")])
def test_links_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", read(name))
    assert not [link for link in links if not ((ROOT / name).parent / link).exists()]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_paths_exist(name: str) -> None:
    quoted = re.findall(r"`([\w.-]+(?:/[\w.-]*)+)`", read(name))
    paths = [each for each in quoted if not MADE.match(each) and each not in EXAMPLES]
    assert not [each for each in paths if not _exists(name, each)]


def _exists(name: str, path: str) -> bool:
    """Whether a path leads somewhere, from the root or, in its tables, from `tests/`."""
    return any((folder / path).exists() for folder in (ROOT, ROOT / name, *_PARENTS))


_PARENTS = (ROOT / "tests", ROOT / "ingest_alert")


def test_the_tools_that_pre_commit_runs_are_pinned() -> None:
    pinned = read("requirements-dev.txt")
    hooks = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"][0]["hooks"]
    packages = {"lint-imports": "import-linter"}
    for hook in hooks:
        tool = Path(hook["entry"].split()[0]).name
        assert f"\n{packages.get(tool, tool)}==" in pinned, tool


def test_the_workflow_tries_every_version_that_is_promised() -> None:
    job = yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"]["test"]
    promised = [
        each.rpartition(" ")[2] for each in PROJECT["classifiers"] if "Python :: 3." in each
    ]
    assert job["strategy"]["matrix"]["python"] == promised
    assert PROJECT["requires-python"] == f">={promised[0]}"


def test_the_workflow_proves_what_contributors_are_told_to() -> None:
    steps = [
        each.get("run")
        for each in yaml.safe_load(read(".github/workflows/ci.yml"))["jobs"]["test"]["steps"]
    ]
    assert {"make setup", "make test", "make demo"} <= set(steps)


def test_dependabot_watches_every_file_of_requirements() -> None:
    updates = yaml.safe_load(read(".github/dependabot.yml"))["updates"]
    watched = {folder for each in updates for folder in each.get("directories", ())}
    kept = {f"/{each}".rstrip(".").rstrip("/") or "/" for each in _requirement_folders()}
    assert kept == watched


def _requirement_folders() -> set[str]:
    files = [*ROOT.glob("requirements*.txt"), *ROOT.glob("local/requirements.txt")]
    files += ROOT.glob("infra/telemetry/*.txt")
    return {path.parent.relative_to(ROOT).as_posix() for path in files}


def test_the_version_is_the_newest_of_the_changelog() -> None:
    released = re.compile(r"^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d\d-\d\d$", re.MULTILINE)
    assert released.findall(read("CHANGELOG.md"))[0] == PROJECT["version"]


def test_the_licence_is_the_one_that_is_declared() -> None:
    package = read("package.json")
    assert PROJECT["license"] == "MIT"
    assert '"license": "MIT"' in package
    assert read("LICENSE").startswith("MIT License\n")


def test_the_index_lists_every_document() -> None:
    index = read("docs/README.md").partition("## All of them")[2]
    listed = set(re.findall(r"\]\(([\w-]+\.md)\)", index))
    assert listed == {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "LICENSE"])
@pytest.mark.parametrize("words", ["is no ", "are no ", "of ours", "by its name"])
def test_an_editor_has_been_over_it(name: str, words: str) -> None:
    assert words not in read(name)
