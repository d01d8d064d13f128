"""The edge: Telegram, the web, the command line. Async lives here only."""
