"""One incident after it is over: document, meeting, follow-ups."""

from ims.ui.rca import page

page.draw()
