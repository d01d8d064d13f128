"""What the outbox can say: the kinds of message. Pure."""

from __future__ import annotations

from enum import Enum


class MessageKind(Enum):
    """What is to be said; ``bot.messages`` and ``bot.views`` know the words."""

    CALL = "call"  # the warning, to one person, with the button 收到
    REMIND = "remind"  # the same again, louder
    POST = "post"  # the warning in a group; later edits show the progress
    CHASE = "chase"  # names the silent in their group: the other channel
    CANCEL = "cancel"  # the warning is over, to one person or group
    ANSWERED = "answered"  # edit of the call's message: what to do now
    REPORT_DUE = "report_due"
    SILENT_LIST = "silent_list"  # who has not answered, to an officer
    SILENT_LIST_EDIT = "silent_list_edit"  # somebody on it has answered meanwhile
    HELP_WANTED = "help_wanted"  # a responsible person cannot comply or needs help
    CONFIRM = "confirm"  # asks a second commander
    RELEASED = "released"  # tells the sender that the warning went out, or was refused
    CARD = "card"  # the commander's progress card
    POST_CARD = "post_card"  # edit of a group's post
    SUMMARY = "summary"
    DISTRESS = "distress"
    DISTRESS_SENT = "distress_sent"  # to whoever called: it left by itself, and to whom
    DISTRESS_UPDATE = "distress_update"
    FIELD_REPORT = "field_report"
    RED_DAY = "red_day"  # the orders of a red danger day, or the zero report asked for
    RED_DAY_SILENT = "red_day_silent"  # who has not answered, to the county's duty officer
    RED_DAY_FIRE = "red_day_fire"  # somebody answered that there is a fire
    OVERSIGHT = "oversight"  # something of jiaoying itself stands still, to the top's duty officer
    REPLY = "reply"  # a request as it is, from a process that does not hold the bot's pace
    CHECK_IN_MISSED = "check_in_missed"  # to a patroller whose position is overdue
    PATROL_SILENT = "patrol_silent"  # the silent patrollers, to the station or the county
    PATROL_BACK = "patrol_back"  # they checked in, or were reached: to those told of the silence
    HOTSPOT_TASK = "hotspot_task"  # asks a patroller to go and look
    HOTSPOT_SPOT = "hotspot_spot"  # the place on the map, to who accepted
    HOTSPOT_TAKEN = "hotspot_taken"  # somebody else goes, or it is over: no need to
    HOTSPOT_DUE = "hotspot_due"  # the verdict is overdue, to who accepted
    HOTSPOT_LIST = "hotspot_list"  # tasks without verdict, to the county's officers
    HOTSPOT_ALARM = "hotspot_alarm"  # a forest fire, or many pixels: to the county, with a draft
    HOTSPOT_VERDICT = "hotspot_verdict"  # what it was, to those who had heard of it
    ROLL_CALL = "roll_call"  # asks for a position: the one button sends it
    ROLL_CALL_RESULT = "roll_call_result"  # edit of the result in the chat of whoever called
    ROLL_CALL_SILENT = "roll_call_silent"  # it is over: who is silent, to those in charge
    PICTURE = "picture"  # a map, drawn when it is about to leave
