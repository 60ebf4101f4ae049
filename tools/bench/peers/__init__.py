"""The peers: other ways to call a function in another process, each behind the same interface."""
