"""Garbage is not searched for after every run of a page, and never in what the process has loaded for good."""

import gc
import tomllib

from ims.config import ROOT
from ims.web import memory


def test_a_run_of_a_page_does_not_collect_the_garbage_of_every_other_tab() -> None:
    options = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    assert options["runner"]["postScriptGC"] is False


def test_collecting_garbage_does_not_search_what_was_loaded_at_the_start() -> None:
    everything = len(gc.get_objects())
    try:
        assert memory.set_aside() > everything / 2
        assert len(gc.get_objects()) < everything / 10
    finally:
        gc.unfreeze()
