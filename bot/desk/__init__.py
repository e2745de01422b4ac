"""The agents' desk: who talks to a customer, the queue, routing, clocks; and the interfaces for staff."""
