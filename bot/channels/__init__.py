"""The ways to reach people besides Telegram, and to hear from them."""
