"""Validation: one walk over both stores that proves them equal, or names every difference.

walk.py is the way through; documents.py and records.py compare; settled.py looks twice.
"""
