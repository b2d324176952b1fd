"""The Figures page: one module for each of its sections."""
