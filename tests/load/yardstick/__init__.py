"""What a plain Django REST intake costs: the yardstick `drf2` that our own numbers stand beside.

One view, no middleware, no checks but the serializer's own. Nobody uses it for anything but measuring.
"""
