"""Every colour, font, spacing, icon and scale of colours."""
