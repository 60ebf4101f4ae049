"""Keeps things in a real cluster, through librados and what stands on it."""

import json

from mgr_module import CLICommand, HandleCommandResult, MgrModule


class Module(MgrModule):
    NOTIFY_TYPES = []

    @CLICommand("keeper who")
    def who(self):
        """Show who this process is to the cluster"""
        self.rados.wait_for_latest_osdmap()
        shown = {
            "addrs": self.rados.get_addrs(),
            "instance": self.rados.get_instance_id(),
            "fsid": self.rados.get_fsid(),
            "capsule": type(self.get_context()).__name__,
            "same": self.get_context() is self.get_context() and self.rados is self.rados,
        }
        return HandleCommandResult(stdout=json.dumps(shown))

    @CLICommand("keeper pools")
    def pools(self):
        """List pools"""
        return HandleCommandResult(stdout=json.dumps(self.rados.list_pools()))

    @CLICommand("keeper put")
    def put(self, pool: str, name: str, text: str):
        """Write an object"""
        with self.rados.open_ioctx(pool) as ioctx:
            ioctx.write_full(name, text.encode())
        return HandleCommandResult()

    @CLICommand("keeper get")
    def get_object(self, pool: str, name: str):
        """Read an object"""
        with self.rados.open_ioctx(pool) as ioctx:
            return HandleCommandResult(stdout=ioctx.read(name).decode())

    @CLICommand("keeper ask")
    def ask(self, question: str):
        """Ask the monitors by librados, not by way of the manager"""
        command = json.dumps({"prefix": question, "format": "json"})
        retval, out, err = self.rados.mon_command(command, b"")
        return HandleCommandResult(retval, out.decode(), err)

    @CLICommand("keeper images")
    def images(self, pool: str, name: str):
        """Create an RBD image and list all"""
        import rbd

        with self.rados.open_ioctx(pool) as ioctx:
            rbd.RBD().create(ioctx, name, 1 << 22)
            return HandleCommandResult(stdout=json.dumps(rbd.RBD().list(ioctx)))

    @CLICommand("keeper folders")
    def folders(self, filesystem: str, name: str):
        """Make a folder in a CephFS and list all"""
        import cephfs

        mount = cephfs.LibCephFS(rados_inst=self.rados)
        for who in ("uid", "gid"):  # whoever this process is, as Ceph's own modules do
            mount.conf_set(f"client_mount_{who}", "0")
        mount.mount(filesystem_name=filesystem.encode())
        try:
            mount.mkdir("/" + name, 0o755)
            with mount.opendir("/") as folder:
                found = iter(lambda: mount.readdir(folder), None)
                names = sorted(entry.d_name.decode() for entry in found)
        finally:
            mount.shutdown()
        return HandleCommandResult(stdout=json.dumps(names))
