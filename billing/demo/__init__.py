"""The demo businesses: people, records and papers that look lived in, relative to now."""
