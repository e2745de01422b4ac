"""Stock Rasa as ours is measured against: its configuration, and the same actions for its parse data."""
