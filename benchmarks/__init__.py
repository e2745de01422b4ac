"""Measurements: our understanding beside the stock Rasa Chinese configuration, in one run."""
