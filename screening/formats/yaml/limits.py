"""The largest document that is read, in each of its dimensions."""

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 16
MAX_TEXT = 2000
MAX_NODES = 20_000
MAX_PROBLEMS = 200
