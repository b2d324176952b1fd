import streamlit as st

st.title("follow_ups")
