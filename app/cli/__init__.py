"""The command line: what each command does. Nothing here imports Qt."""
