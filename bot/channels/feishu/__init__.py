"""Cards in Feishu: sent by its HTTP API, pressed over its long connection."""
