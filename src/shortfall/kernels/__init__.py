"""Compiled integer kernels: functions of integers and flat int64 rows that know nothing of venues, files or time of day."""
