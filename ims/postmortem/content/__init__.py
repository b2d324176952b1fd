"""What the document says: its plan, the facts of the incident, and the words made of them."""
