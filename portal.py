"""The frame around every page: who is here, what burns, where to go."""

import streamlit as st

from ims.ui import frame

st.set_page_config(page_title="IMS", page_icon=":material/emergency:", layout="wide")
frame.run()
