"""Tools for a teacher with a class."""
