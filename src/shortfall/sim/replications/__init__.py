"""Replications: one named shock run again and again with everything drawn that is not known about it, the same bytes however it is run."""
