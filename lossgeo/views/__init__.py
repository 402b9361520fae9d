"""From the settings of a page to everything that it shows, without Streamlit.

pages   what each page is and which controls it has
choice  settings ─▶ Choice, a small frozen record
cached  every cache, keyed on such records
view    Choice ─▶ View: the loss, its window and picture, the runs
"""
