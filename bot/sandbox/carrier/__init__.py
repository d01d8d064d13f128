"""A carrier that rings made-up telephones: the county's side of ``docs/channels.md``.

It knows nothing of jiaoying but that page: it signs and checks by itself.

- ``telephone``: one set, what its owner does with it, and what that means for the carrier.
- ``gateway``: the contract over HTTP, both ways; also the counterpart of tests.
- ``exchange``: all telephones behind one gateway.
"""
