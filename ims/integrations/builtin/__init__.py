"""The portal's own twins of every outside system: what would be sent is kept and shown."""
