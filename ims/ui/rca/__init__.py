"""The root-cause page: the document of an incident, its meeting, its follow-ups; and how far each incident is."""
