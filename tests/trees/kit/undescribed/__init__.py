from mgr_module import MgrModule


class Module(MgrModule):
    COMMANDS = [{"cmd": "undescribed name=n,type=CephNumber", "desc": "wrong", "perm": "r"}]
