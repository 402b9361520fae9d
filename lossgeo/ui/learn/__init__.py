"""Lessons, questions, answers and the start page, as a learner meets them."""
