"""Links, files, code: what a visitor takes along or passes on."""
