"""The script that Streamlit runs for every page: who is here, what burns, where to go.

It does not stand beside ``pages/``, because Streamlit would take that folder for its older kind of multipage app.
"""

import streamlit as st

from ims.ui import frame

st.set_page_config(page_title="IMS", page_icon=":material/emergency:", layout="wide")
frame.run()
