"""The conversation: one turn from an inbound message to a grounded reply."""
