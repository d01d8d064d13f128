"""Answers taken back by their persons, or doubted by those above: the calls wait again."""
