import streamlit as st

st.title("deliveries")
