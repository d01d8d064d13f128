"""The handbook (手册): what to do, by hazard, kind of work and phase; cards anybody can ask for.

Cards are files (``data/handbook``), a province's own beside them, versions edited in chat above
both. Nothing of them is read before somebody asks.
"""
