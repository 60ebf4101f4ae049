"""What the adversary tries, importable before there is any module."""
