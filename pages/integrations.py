"""Outside systems: who serves what, whether it works, what to mend."""

from ims.ui.integrations import page

page.draw()
