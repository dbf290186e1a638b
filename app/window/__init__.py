"""The main window: its bars, docks and tabs around what canvas, panels, plots and dialogs show."""
