"""E-mails by the office's own mail server: each bears the link by which it is answered."""
