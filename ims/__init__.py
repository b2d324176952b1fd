"""IMS: the incident procedure of an SRE team, running."""
