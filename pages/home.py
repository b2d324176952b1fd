"""What needs me now: the landing page."""

from ims.ui import home

home.draw()
