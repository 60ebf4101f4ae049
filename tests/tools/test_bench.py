import json
import subprocess
import sys
from pathlib import Path

import pytest


ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_one_run_measures_every_path_beside_the_peers(tmp_path):
    """The table names host and versions; the JSON has percentiles and ratios of each path."""
    file = tmp_path / "bench.json"
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "bench"), "--rounds", "1", "--round-seconds", "0.02", "--json", str(file)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    result = json.loads(file.read_text())
    assert set(result["paths"]) >= {
        "in-process call",
        "multiprocessing.managers",
        "grpcio",
        "remote() through the broker",
        "get() unchanged, shared object",
        "set_store() acknowledged",
        "command from mgrctl to a module",
    }
    for name, path in result["paths"].items():
        assert name in done.stdout
        assert 0 < path["p50_us"] <= path["p99_us"], name
        assert set(path["ratio"]) == {"in-process", "managers", "grpcio"}
    assert result["paths"]["grpcio"]["ratio"]["grpcio"] == 1
    assert result["versions"]["pyzmq"] in done.stdout


@pytest.mark.parametrize("words", [["--rounds", "0"], ["--round-seconds", "-1"], ["--rounds", "x"]])
def test_an_impossible_wish_is_refused_in_one_sentence(words):
    done = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "bench"), *words],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
