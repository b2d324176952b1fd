"""Word files: opened safely, read as neutral outlines, written into without harm to what stands there."""
