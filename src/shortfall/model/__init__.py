"""Frozen records: contracts, commands, events, and the sizes of a state."""
