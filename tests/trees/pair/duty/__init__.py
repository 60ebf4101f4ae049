from .module import Module, StandbyModule


__all__ = ["Module", "StandbyModule"]
