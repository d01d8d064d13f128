"""About the roster: what an import says, which villages nobody answers for, invitations."""
