"""E-mail through an SMTP server: customer updates, and invitations with their calendar file."""
