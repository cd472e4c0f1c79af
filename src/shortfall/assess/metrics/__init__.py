"""Metrics of a contract: one small function each, from figures or from runs to a record that says what it was made of."""
