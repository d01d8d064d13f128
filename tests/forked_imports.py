"""Imported once by the process that ``tests.forked`` forks: all that ``jiaoying run`` imports,
and ``jiaoying sandbox``."""

import psycopg

import bot.app
import bot.board.server
import bot.cli
import bot.console.board
import bot.sandbox.run

bot.cli.parser()
__all__ = ["bot", "psycopg"]
