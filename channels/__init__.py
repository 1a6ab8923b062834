"""The edge: all that enters or leaves the process."""
