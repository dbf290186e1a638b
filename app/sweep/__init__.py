"""The sweep of a window: many short runs over chosen settings, on the cores or on a cluster."""
