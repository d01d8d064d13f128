"""What people see: domain objects in, ``Screen`` out. Pure; one file per thing people see."""
