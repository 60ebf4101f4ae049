"""Answers can_run with something else than a bool and a reason, and works all the same."""

from mgr_module import CLICommand, MgrModule


class Module(MgrModule):
    NOTIFY_TYPES = []

    @staticmethod
    def can_run():
        return "perhaps"

    @CLICommand("odd_can_run show")
    def show(self):
        """Is not served: can_run did not say yes"""
        return 0, "shown", ""

    def serve(self):
        self.served = "served all the same"

    def self_test(self):
        return self.served
