"""Who pays when a perpetual-futures venue falls short: an exact engine and the lab around it."""

__version__ = "0.1.0.dev0"
