"""The forest-fire season and the danger level of a day."""
