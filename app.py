"""What you run: ``streamlit run app.py``. The pages, the HTTP routes and the delivery worker in one process."""

from pathlib import Path

import streamlit as st

from ims.web.routes import lifespan, routes

app = st.App(Path(__file__).parent / "ims" / "ui" / "portal.py", routes=routes(), lifespan=lifespan)
