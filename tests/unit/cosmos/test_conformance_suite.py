"""How the SDK's suite is unpacked and pointed at an emulator."""

import tarfile
from pathlib import Path

import pytest

from local.cosmos.conformance.results import FileResult, read_report, unexplained
from local.cosmos.conformance.suite import SuiteError, point_at, unpack

REPORT = """<testsuites><testsuite>
<testcase classname="A" name="test_good"/>
<testcase classname="A" name="test_bad"><failure message="x"/></testcase>
<testcase classname="A" name="test_broken"><error message="x"/></testcase>
<testcase classname="A" name="test_left_out"><skipped/></testcase>
</testsuite></testsuites>"""


def archive(folder: Path, *names: str) -> Path:
    path = folder / "package.tar.gz"
    source = folder / "source"
    with tarfile.open(path, "w:gz") as tar:
        for name in names:
            file = source / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text('host = "https://localhost:8081/"\n')
            tar.add(file, name)
    return path


def test_the_tests_get_a_stand_in_for_the_module_they_share(tmp_path: Path) -> None:
    tests = unpack(archive(tmp_path, "package-1/tests/test_a.py"), tmp_path / "out")
    assert (tests / "test_a.py").exists()
    assert (tests / "devtools_testutils" / "helpers.py").exists()


def test_the_tests_are_pointed_at_the_emulators_address(tmp_path: Path) -> None:
    tests = unpack(archive(tmp_path, "package-1/tests/test_a.py"), tmp_path / "out")
    point_at(tests, "https://localhost:5")
    assert (tests / "test_a.py").read_text() == 'host = "https://localhost:5/"\n'


def test_an_archive_without_tests_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="carries no tests"):
        unpack(archive(tmp_path, "package-1/setup.py"), tmp_path / "out")


def test_a_report_is_counted(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    result = read_report("test_a.py", report)
    failed = ["test_a.py::test_bad", "test_a.py::test_broken"]
    assert result == FileResult("test_a.py", passed=1, skipped=1, failed=failed)


def test_a_file_that_did_not_run_is_a_failure(tmp_path: Path) -> None:
    result = read_report("test_a.py", tmp_path / "none.xml")
    assert (result.passed, len(result.failed)) == (0, 1)


def test_a_failure_without_a_reason_is_named() -> None:
    known, new = "test_crud_container.py::test_udf_crud", "test_crud_container.py::test_new"
    assert unexplained([FileResult("test_crud_container.py", failed=[known, new])]) == [new]
