"""Everything that touches Streamlit: widgets in, charts out. The pages call these and hold no formulae."""
