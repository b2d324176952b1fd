"""What the process has loaded for good is not searched for garbage after every run of a page."""

import gc

from ims.web import memory


def test_collecting_garbage_does_not_search_what_was_loaded_at_the_start() -> None:
    everything = len(gc.get_objects())
    try:
        assert memory.set_aside() > everything / 2
        assert len(gc.get_objects()) < everything / 10
    finally:
        gc.unfreeze()
