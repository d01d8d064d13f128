"""What people read: domain objects in, a ``Screen`` (text and keyboard) out. Pure."""
