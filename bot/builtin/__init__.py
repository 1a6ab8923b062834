"""The built-in model: understands and answers with no key and no network."""
