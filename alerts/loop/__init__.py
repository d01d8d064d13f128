"""The closed loop (五化): what is to be done, by whom, and struck off with a trace."""
