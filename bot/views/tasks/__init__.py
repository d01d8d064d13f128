"""The five lists as people read them: one task, lists of them, making one. Pure."""
