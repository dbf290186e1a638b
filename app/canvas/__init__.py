"""The canvas: the network drawn, and edited with mouse and keyboard."""
