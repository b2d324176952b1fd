"""The HTTP routes beside the pages: webhooks, health."""
