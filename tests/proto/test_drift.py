import subprocess
import sys
from pathlib import Path


ROOT = Path(__file__).resolve().parents[2]


def test_the_committed_code_is_what_the_proto_files_generate(tmp_path):
    subprocess.run(
        [sys.executable, str(ROOT / "tools" / "gen_proto.py"), "--into", str(tmp_path)], check=True
    )
    fresh = {path.name: path.read_text() for path in (tmp_path / "proto" / "v1").iterdir()}
    committed = {path.name: path.read_text() for path in (ROOT / "proto" / "v1").glob("*_pb2.py*")}
    assert sorted(fresh) == sorted(committed)
    stale = sorted(name for name in fresh if fresh[name] != committed[name])
    assert not stale, f"run tools/gen_proto.py: {stale} differ from their .proto files"
