"""The question before a warning expires: is it to hold longer, or is it over?"""
