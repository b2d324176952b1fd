"""What is kept: the database, transactions, and every SQL statement of the portal."""
