"""The managers that are compared, behind one interface."""
