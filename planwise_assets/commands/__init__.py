"""The `planwise` commands, a module each; `planwise_assets/cli.py` registers them. Nothing is imported here."""
