"""Imported once by the process that ``tests.forked`` forks: all that ``jiaoying run`` imports,
and ``jiaoying sandbox``; and ``tests.forked`` itself, in which each of them begins."""

import psycopg
import shapely

import bot.app
import bot.board.server
import bot.cli
import bot.console.board
import bot.messages.task_charts
import bot.runtime.gauge_polls
import bot.sandbox.run
import tests.forked

bot.cli.parser()
__all__ = ["bot", "psycopg", "shapely", "tests"]
