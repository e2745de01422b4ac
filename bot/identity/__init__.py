"""Who somebody is: staff accounts and sessions, one-time codes, host-signed customers, contacts, lock-out."""
