"""All code that uses Streamlit: widgets, charts, tabs and dialogs. The pages call it and contain no formulas."""
