"""What runs beneath every page: the server, the frame of a page, style sheets, the small scripts."""
