"""No class of the right kind."""


class Module:
    pass
