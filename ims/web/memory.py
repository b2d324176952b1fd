"""What the process has loaded for good is not searched for garbage again and again.

Left to itself, Streamlit collects garbage of every generation after each run of a page or a fragment, which
.streamlit/config.toml turns off (``postScriptGC``): it grows with the tabs that are open, and with forty of them held
everybody up for 20 s. Python's own collector does it when there is something to collect, and then only in what came
after the start: searching the libraries too would stop everybody for a quarter of a second each time.
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
