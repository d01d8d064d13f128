"""The red danger day (极高火险日): its orders and its zero report."""
