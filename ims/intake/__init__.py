"""Alerts in: read what Alertmanager sends, keep it, and help people decide what it is."""
