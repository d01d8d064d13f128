"""Rivers in stretches, in order from the source: the villages along one, or below a reservoir."""
