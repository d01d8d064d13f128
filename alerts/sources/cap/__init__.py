"""Warnings of others in CAP, or in lists that say less: read, kept, proposed to a commander."""
