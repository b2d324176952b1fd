"""From draft to published: what is missing, who says so, until when, and the copies that are frozen."""
