"""The command line: reads what people write, runs it, prints what came of it."""
