"""The controls of a page: drawn in the sidebar, read into settings, changed by buttons, clicks and prepared states."""
