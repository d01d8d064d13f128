"""Cards in DingTalk: sent by its HTTP API, pressed over its Stream connection."""
