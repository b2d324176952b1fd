"""Follow-ups across incidents."""

from ims.ui.follow_ups import page

page.draw()
