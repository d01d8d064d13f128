"""Evacuation cards (转移路线作战图): who organises, who moves, signal, when, route, shelter."""
