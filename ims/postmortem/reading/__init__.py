"""The document read back, whoever wrote it and wherever: what was understood, and what it would change."""
