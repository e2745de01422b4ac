"""From real conversations to a tested model: asking from outside, conversation tests, gates."""
