"""One file per venue: its rules as dated, cited data. A venue imports no engine, and the engine imports no venue."""
