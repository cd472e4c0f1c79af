"""Judging a contract: buffers, metrics, evidence. Every figure comes out of the engine or out of a dated record."""
