"""Understanding: from a customer's text to acts, topics and aspects with calibrated confidence."""
