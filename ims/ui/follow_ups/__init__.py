"""The page of the follow-ups of every incident."""
