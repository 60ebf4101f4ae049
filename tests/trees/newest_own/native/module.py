import json

import ceph_module
import mgr_module


class Module(mgr_module.MgrModule):
    COMMANDS = [{"cmd": "native facts", "desc": "Tell what ceph_module gives", "perm": "r"}]

    def handle_command(self, inbuf, cmd):
        try:
            self._ceph_set_module_option("prober", "depth", "99")
            refusal = "none"
        except ValueError as error:
            refusal = str(error)
        ceph_module.mgr_log(0, "a word of native's root logger")
        self._ceph_register_client(None, "v2:192.0.2.1:0/7", False)
        self._ceph_unregister_client(None, "v2:192.0.2.1:0/7")
        return (
            0,
            json.dumps(
                {
                    "where": mgr_module.__file__,
                    "refusal": refusal,
                    "shared": self._ceph_get("osd_map", False) is self._ceph_get("osd_map", False),
                    "mutable": self._ceph_get("osd_map", True) is self._ceph_get("osd_map", True),
                    "erased": [self._ceph_erase("osd_map"), self._ceph_erase("osd_map")],
                    "labelled": list(self._ceph_get_latest_counter("osd", "0", "osd", "numpg", [])),
                    "unlabelled": list(
                        self._ceph_get_latest_unlabeled_counter("osd", "0", "osd.numpg")
                    ),
                    "context": self._ceph_get_context() is not None,
                }
            ),
            "",
        )
