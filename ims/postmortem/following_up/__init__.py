"""Follow-ups until they are done: acts, due dates, reminders, what happened again, and whether it worked."""
