"""Collect what venues publish without a key: one client for each venue, one border at which every answer is checked.

`wire` fetches (rate limit, retry, timeout, size), `sheet` takes what an answer holds and notes what is odd about it,
`client` joins them, and each venue's module says which addresses there are and what their fields mean. Nothing here
reads a clock or stores anything: the time comes from the caller, `shortfall.data.snapshot_store` keeps the result.
"""
