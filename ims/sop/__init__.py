"""The procedure as data, and its evaluation against a timeline. Pure: no database, no clock of its own."""
