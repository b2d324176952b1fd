"""All incidents, filtered."""

from ims.ui import incidents

incidents.draw()
