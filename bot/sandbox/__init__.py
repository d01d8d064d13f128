"""The product without accounts: local servers in place of Telegram's, scripted people, a page.

- ``run``: ``jiaoying sandbox``, which puts all of it together and throws it away at the end.
- ``bot_api/``: the local Bot API server, also the counterpart of tests and benches.
- ``cast/``: the demo roster and how its people act.
- ``page/``, ``page_routes``: the web page with phones; ``fast_forward``: its clock.
"""
