"""Warnings planned in stages from the time at which the danger is expected ("131631")."""
