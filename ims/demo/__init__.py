"""A month of a small team's life, played through the same functions that people use."""
