"""Warnings that a machine proposes: a feed of warnings, a gauge, a picture; somebody decides."""
