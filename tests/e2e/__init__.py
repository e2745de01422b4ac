"""The whole installation as customers meet it: real processes, a real browser."""
