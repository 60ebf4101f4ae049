"""Run with Debian's python3: sends commands to a real cluster, one JSON line each, without a client
that would check them first.

python3 oracle.py CEPH_CONF; a line in: {"to": "mgr" | "mon", "command": text, "inbuf": text}, a line
out: [retval, stdout, stderr].
"""

import json
import sys

import rados


def main(conf: str) -> None:
    with rados.Rados(conffile=conf, name="client.admin") as cluster:
        for line in sys.stdin:
            asked = json.loads(line)
            send = cluster.mgr_command if asked["to"] == "mgr" else cluster.mon_command
            code, out, err = send(asked["command"], asked["inbuf"].encode())
            answer = [code, out.decode(errors="replace"), err]
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
