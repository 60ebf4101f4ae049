from local_orchestrator import Module
