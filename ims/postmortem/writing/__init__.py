"""The document written: as Word, Markdown and PDF, for the team and for customers."""
