"""An empty Streamlit app: what starting Streamlit itself costs."""

import streamlit as st

if __name__ == "__main__":
    st.title("Empty")
