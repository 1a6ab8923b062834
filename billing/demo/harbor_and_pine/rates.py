"""Taxes and discounts at Harbor & Pine."""

from billing.demo.bills import Discount, Tax

SALES_TAX = Tax("Sales tax (8.875%)", 8875)
RETURNING = Discount("Returning customer, 5%", 500)
