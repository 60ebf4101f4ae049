"""What the chaos module is ordered to do, importable before there is any module."""
