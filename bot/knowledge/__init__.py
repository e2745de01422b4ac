"""What the assistant knows: topics, answers with citations, this bank's own values."""
