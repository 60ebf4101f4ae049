"""A mgr_module that a tree brings: it stands on ceph_module and calls it as the newest one does."""

import ceph_module


class MgrStandbyModule(ceph_module.BaseMgrStandbyModule):
    pass


class MgrModule(ceph_module.BaseMgrModule):
    COMMANDS = []
    MODULE_OPTIONS = []

    def __init__(self, module_name, py_modules_ptr, this_ptr):
        self.module_name = module_name
        super().__init__(py_modules_ptr, this_ptr)

    @staticmethod
    def can_run():
        return True, ""

    def serve(self):
        pass

    def shutdown(self):
        pass

    def _config_notify(self):
        pass

    def _handle_command(self, inbuf, cmd):
        return self.handle_command(inbuf, cmd)
