"""A local Bot API server, and a page with phones: the product without a token."""
