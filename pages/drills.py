"""Drills: rehearse an incident, and see how earlier ones went."""

from ims.ui import drills

drills.draw()
