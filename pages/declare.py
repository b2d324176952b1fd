"""Declare an incident."""

from ims.ui import declare

declare.draw()
