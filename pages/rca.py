import streamlit as st

st.title("rca")
