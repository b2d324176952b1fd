"""The alerts page: what waits for a decision, one alert in full, and the inbox."""
