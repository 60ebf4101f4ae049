"""What `mgr_module` of level "pacific" has of its own."""
