"""After the incident: the root-cause document, its meeting, and the follow-ups that come of both."""
