#!/usr/bin/env python3
"""Regenerates proto/v1/*_pb2.py and their type stubs from the .proto files.

Run it with the project's own Python: `.venv/bin/python tools/gen_proto.py [--into DIR]`.
The drift test generates into a folder of its own and compares.
"""

import argparse
from pathlib import Path

from grpc_tools import protoc


ROOT = Path(__file__).resolve().parent.parent


def generate(into: Path) -> None:
    """Write the generated files below `into`; raises SystemExit with protoc's code on failure."""
    sources = sorted(str(p.relative_to(ROOT)) for p in (ROOT / "proto" / "v1").glob("*.proto"))
    code = protoc.main(
        ["protoc", f"-I{ROOT}", f"--python_out={into}", f"--pyi_out={into}", *sources]
    )
    if code:
        raise SystemExit(code)


def main() -> None:
    """Generate in place, or into the folder given."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT)
    generate(parser.parse_args().into)


if __name__ == "__main__":
    main()
