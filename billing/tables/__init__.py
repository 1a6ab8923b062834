"""Every table, one file a noun."""
