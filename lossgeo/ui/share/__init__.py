"""What a visitor can take away or pass on: links, files, code."""
