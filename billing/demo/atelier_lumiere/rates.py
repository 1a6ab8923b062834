"""Taxes and discounts at Atelier Lumière."""

from billing.demo.bills import Discount, Tax

TVA = Tax("TVA 20 %", 20_000)
TVA_LABOUR = Tax("TVA 10 % (pose)", 10_000)
MWST = Tax("MwSt. 20 %", 20_000)
LOYALTY = Discount("Remise fidélité 10 %", 1000)
