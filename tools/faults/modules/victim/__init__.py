from .module import Module  # noqa: F401  # upstream's packages name their class so
