from mgr_module import CLICommandBase

LedgerCLICommand = CLICommandBase.make_registry_subtype("LedgerCLICommand")
