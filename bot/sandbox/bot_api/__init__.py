"""A local Bot API server: what Telegram's does for a bot, and people whom code lets act.

For the sandbox page, for tests and for benches; it knows nothing of jiaoying. Where is what:

- ``server``: everything put together; ``python -m bot.sandbox.bot_api`` runs it by itself.
- ``routes``: the HTTP of the Bot API; ``methods/``: each method; ``updates``: polling and webhooks.
- ``world``: chats, messages and queued updates, of the records in ``accounts``.
- ``people``, ``groups``: what people do; ``watch``: waiting for what the bot does.
- Telegram's rules: ``formatting``, ``keyboards``, ``media``, ``limits``, ``privacy``, ``members``,
  ``errors``.
- ``faults``: what goes wrong on purpose; ``call_log``: every call, for figures.
- ``control``: all of it by HTTP, for a page or a bench in another process.
"""
