"""The portal's own blocks brought up to date in a document that people edited."""
