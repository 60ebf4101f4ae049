"""The module under test, importable in the tests' process."""

from module_host import testing
from tests.daemon import ROOT


testing.activate(ROOT / "modules")
