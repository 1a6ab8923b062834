"""The page behind a payment link, and where providers report."""
