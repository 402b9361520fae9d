"""From the settings of a page to everything that it shows, without Streamlit.

    pages       one record per page, with its controls
    choice      settings ─▶ Choice, a small frozen record
    numbers     how numbers are written
    comparison  the words about two runs, A and B
    cached      all caches, with records of `choice` as keys
    view        Choice ─▶ View: the loss, its window and picture, the runs
    sentences   View ─▶ sentences
    stage_data  View ─▶ the columns that the chart of the stage draws

Each module imports only those above it.
"""
