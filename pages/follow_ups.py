"""Follow-ups across incidents."""

from ims.ui import follow_ups

follow_ups.draw()
