"""One test file for each threat in docs/security.md; each test can fail."""
