"""Cases: what a customer asked the bank to do, its deadlines, and a timeline that can prove itself."""
