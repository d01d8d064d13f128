"""The five lists (清单): tasks with a responsible post and a deadline; a second person checks."""
