"""The daily report (日报): what a day came to, summed up the tree; remarks of the tier above."""
