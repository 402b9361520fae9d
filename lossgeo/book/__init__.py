"""Stages and lessons that need no server: one file, or a folder of static pages (`python -m lossgeo.book FOLDER`)."""
