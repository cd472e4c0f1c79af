"""Situations and what is drawn at random: worlds written by hand, paths, populations, liquidity, and the runner of many paths."""
