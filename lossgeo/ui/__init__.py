"""All code that uses Streamlit: widgets, charts, tabs and dialogs. The pages call it and contain no formulas."""

# Altair asks of each value whether it is one of pandas', as soon as somebody has begun to load pandas. While another
# session or the server's own thread is still loading it, that ends in an error. So it is whole before any chart is.
import pandas  # noqa: F401
