import json
import subprocess
import sys
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[2]


def bench(*words):
    return subprocess.run(
        [sys.executable, "-m", "bench", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_one_command_measures_prints_and_writes(tmp_path):
    """The table names host and versions; the JSON has each row; the page has them, and plots."""
    file, page = tmp_path / "bench.json", tmp_path / "performance.md"
    done = bench(
        "--quick", "--suite", "publication,results", "--json", str(file), "--write", str(page)
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(file.read_text())
    rows = {row["key"]: row for row in result["rows"]}
    assert set(rows) == {"publish", "publish memory", "1 MiB", "50 MiB", "supervisor grows"}
    for row in rows.values():
        assert row["ours"]["p50"] <= row["ours"]["p99"]
        assert row["what"] in done.stdout
        assert row["what"] in page.read_text()
    assert rows["publish"]["value"] > 0
    assert result["versions"]["pyzmq"] in done.stdout


@pytest.mark.parametrize(
    "words",
    [["--rounds", "0"], ["--round-seconds", "-1"], ["--rounds", "x"], ["--suite", "none"]],
)
def test_an_impossible_wish_is_refused_in_one_sentence(words):
    done = bench(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
