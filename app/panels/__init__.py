"""The panels around the canvas: palette, inspector, training, data, problems."""
