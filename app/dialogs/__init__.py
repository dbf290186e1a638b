"""What opens for a moment: welcome, export, commands, help."""
