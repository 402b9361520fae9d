"""Formulas as data: read from text, differentiated exactly, computed with NumPy, written for people and browsers."""
