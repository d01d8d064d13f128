"""Emergency responses (应急响应): a call of its own, for a list of its own."""
