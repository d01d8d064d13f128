"""The forest-fire season, the danger level of a day, and the files that plan them."""
