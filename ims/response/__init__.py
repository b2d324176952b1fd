"""The verbs of an incident, from its declaration to its close. Each writes the timeline and asks for its effects."""
