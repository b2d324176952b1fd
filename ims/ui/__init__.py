"""Pages, widgets, charts and words; the only package that knows Streamlit and Plotly."""
