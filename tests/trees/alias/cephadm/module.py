"""local_orchestrator by a name that Debian's orchestrator lets one choose."""
