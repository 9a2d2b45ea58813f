"""Puts the pieces together: settings, addresses, queue, logging, health and the runner. Holds no rules.

It may import every app; no app imports it.
"""
