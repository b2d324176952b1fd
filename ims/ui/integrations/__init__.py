"""The page of outside systems: who serves what, whether it works, what to mend."""
