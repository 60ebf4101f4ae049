"""How modules describe hosts, devices and services to an orchestrator."""
