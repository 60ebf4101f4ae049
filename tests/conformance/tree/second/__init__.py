from .module import Module, StandbyModule
