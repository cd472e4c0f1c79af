"""The rule space: one small typed record per slot, validated as a whole, compiled into a flat row of integers."""
