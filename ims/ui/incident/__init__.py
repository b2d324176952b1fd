"""The incident page, one module for each of its parts."""
