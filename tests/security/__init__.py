"""One file for each threat of docs/security.md; each can fail."""
