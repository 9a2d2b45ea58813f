"""The clinic: locations, services, staff, contacts and their addresses, appointments, clearances, audit.

It owns who and what the clinic is, and the rules that need nothing more. It imports no other app.
"""
