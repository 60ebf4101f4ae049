"""The newest interface's logging: the module's logger is called like the module."""

import logging

from module_host.mgr.logs import CPlusPlusHandler, FileHandler, MgrModuleLoggingMixin


class NamedLoggers(MgrModuleLoggingMixin):
    """Part of the newest MgrModule.

    The module's own records go to a logger of its name, which passes none on; what libraries log
    goes through the root logger to the same places.
    """

    module_name: str

    @property
    def __module_logger(self) -> logging.Logger:
        return logging.getLogger(self.module_name)

    def _unconfigure_logging(self) -> None:
        super()._unconfigure_logging()
        for handler in list(self.__module_logger.handlers):
            if isinstance(handler, CPlusPlusHandler | FileHandler) or handler is getattr(
                self, "_cluster_log_handler", None
            ):
                self.__module_logger.removeHandler(handler)

    def _supervisor_set_log_targets(self, log_to_file: bool, log_to_cluster: bool) -> None:
        super()._supervisor_set_log_targets(log_to_file, log_to_cluster)
        mine = self.__module_logger
        mine.propagate = False
        for handler in (self._file_log_handler, self._mgr_log_handler, self._cluster_log_handler):
            if handler in self._root_logger.handlers:
                mine.addHandler(handler)
            else:
                mine.removeHandler(handler)
        # Libraries' records are none of the cluster's business.
        self._root_logger.removeHandler(self._cluster_log_handler)

    def getLogger(self, name: str | None = None) -> logging.Logger:
        """The module's logger, or one below it."""
        return self.__module_logger if name is None else self.__module_logger.getChild(name)
