"""Asks every statement of both subjects and compares what they answered.

Each test of this folder is one statement, its docstring the sentence, and takes `subject`. The two must
answer alike, save where the test is marked `deviates("row of docs/deviations.md")`. With
MGR_CONFORMANCE_TABLE=FILE in the environment, the table of all statements is written there.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.subjects import CEPH_MGR, HERE, Subject, our_supervisor, real_manager
from tests.conformance.table import Statements, sentence


_statements = Statements()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "deviates(row): answers otherwise here, on purpose")


@pytest.fixture(scope="session", params=[HERE, pytest.param(CEPH_MGR, marks=pytest.mark.ceph)])
def _asked(request: pytest.FixtureRequest) -> Iterator[Subject]:
    """One of the two, for the whole session."""
    with our_supervisor() if request.param == HERE else real_manager() as subject:
        yield subject


@pytest.fixture
def subject(_asked: Subject, request: pytest.FixtureRequest) -> Iterator[Subject]:
    """Whom a statement is asked of; afterwards, what the two answered is compared."""
    _asked.answer = None
    yield _asked
    deviates = request.node.get_closest_marker("deviates")
    parameters = [str(v) for k, v in request.node.callspec.params.items() if k != "_asked"]
    statement = _statements.answered(
        request.node.originalname,
        file=Path(request.node.path).name,
        text=sentence(request.node.obj) + "".join(f" ({value})" for value in parameters),
        subject=_asked.name,
        answer=_asked.answer,
        deviation=deviates.args[0] if deviates else "",
    )
    if difference := statement.difference():
        pytest.fail(difference)


def pytest_sessionfinish() -> None:
    file = os.environ.get("MGR_CONFORMANCE_TABLE")
    if file:
        Path(file).write_text(_statements.as_markdown(), encoding="utf-8")
