"""The suites: each measures the rows of its TARGETS, all of them, every time that it runs."""
