"""The outbox: effects are rows first, and a worker carries them out."""
