"""Documents made from records: invoice, receipt, statement, estimate as PDF."""
