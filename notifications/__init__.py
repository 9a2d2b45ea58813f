"""Getting words to people once and lawfully: templates, consent, the gate, the outbox, channels, reminders.

It owns how something is said, and the rules of when a thing may not be. It imports `crm`, and never `leads`:
a message points back at what it is about by kind and public reference.
"""
