"""What the team's own tools hear of an incident: its channel, its ticket, its war room, the pager."""
