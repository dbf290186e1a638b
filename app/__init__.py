"""The desktop program and its command line.

Nothing heavy may be imported here: `python3 -m app` runs this file before the packages it needs are
installed, possibly on a Python too old for the rest, which app.bootstrap then says in a sentence.
"""

__version__ = "0.1.0"

# What stands before a template's id where a project file may be named.
TEMPLATE_PREFIX = "template:"

# The commands that run in the terminal and never import Qt; app.cli.main implements each of them.
HEADLESS_COMMANDS = ("check", "train", "export", "predict", "layers", "templates")
