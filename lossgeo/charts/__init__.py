"""Records in, chart specs out: Altair for everything flat, Plotly for the 3-D surface. No Streamlit in here."""
