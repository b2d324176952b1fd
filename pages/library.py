"""Every post-mortem, found by its words."""

from ims.ui.library import page

page.draw()
