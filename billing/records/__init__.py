"""What is read of the records, one file a noun."""
