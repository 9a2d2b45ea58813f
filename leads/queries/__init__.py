"""Reads of leads used in more than one place; writes never live here."""
