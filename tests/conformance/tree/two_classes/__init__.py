from .module import Base, Second
