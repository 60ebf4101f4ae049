"""docs/local_orchestrator.md does what it says, as far as it needs no Ceph."""

import pytest

from tests.docs import snippets
from tests.docs.reader import reading
from tests.local_orchestrator.page import FIRST_HALF, plant, without_agent


@pytest.fixture(scope="module")
def project():
    """Types every line of the first half, once, in its order."""
    with reading(FIRST_HALF, plant(FIRST_HALF)) as found, without_agent(found.daemon):
        yield found


@pytest.mark.parametrize("block", sorted({line.block for line in snippets.typed(FIRST_HALF)}))
def test_a_session_prints_what_the_page_shows(project, block):
    project.check(block)
