"""Atelier Lumière: lighting and interiors in Paris."""
