"""The runs of a window: kept on the disk, listed, compared, gone back to, queued."""
