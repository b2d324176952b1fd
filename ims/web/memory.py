"""What the process has loaded for good is not searched for garbage again and again.

Streamlit collects garbage of every generation after each run of a page or a fragment. With the libraries that the
portal has loaded that took 65 ms of the processor each time, half of what a page takes, measured with streamlit 1.67.
"""

import gc
import importlib

# What the pages load when they are first opened, loaded at the start instead, so that it is there to be set aside.
LOADED_LATER = ("pandas", "plotly.graph_objects", "docx", "streamlit.runtime.scriptrunner.script_runner")


def set_aside() -> int:
    """Take everything that is loaded out of later collections; return how many objects that are."""
    for name in LOADED_LATER:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    return gc.get_freeze_count()
