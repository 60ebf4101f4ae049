"""What `mgr_module` of level "main" has of its own."""
