"""What is changed in the records, one file a noun."""
