"""The controls of a page: drawing them, reading them, and changing them by buttons, clicks and prepared states."""
