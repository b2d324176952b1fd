"""The briefing of one handover, after ICS-201: read, read back, accepted."""

from ims.ui import briefing

briefing.draw()
