"""Lessons, questions, answers and the start page."""
