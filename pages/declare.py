import streamlit as st

st.title("declare")
