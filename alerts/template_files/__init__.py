"""Templates (模板): texts of warnings, lists of tasks, handbook cards, as files with versions."""
