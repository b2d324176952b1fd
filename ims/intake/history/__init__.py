"""Past incidents from files that other tools, and people, wrote."""
