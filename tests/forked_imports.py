"""Imported once by the process that ``tests.forked`` forks: all that ``jiaoying run`` imports."""

import psycopg

import bot.app
import bot.board.server
import bot.cli
import bot.console.board

bot.cli.parser()
__all__ = ["bot", "psycopg"]
