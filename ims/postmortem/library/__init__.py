"""All post-mortems in one place: those of the portal's incidents, and those the team brings along."""
