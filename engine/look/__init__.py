"""Looking into a network beside its training: a second process that answers questions about it."""
