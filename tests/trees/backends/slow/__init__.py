from .module import Slow
