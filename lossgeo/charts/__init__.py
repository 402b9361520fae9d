"""Chart specs of the records: Altair for flat charts, Plotly for the 3-D surface. Nothing here uses Streamlit."""
