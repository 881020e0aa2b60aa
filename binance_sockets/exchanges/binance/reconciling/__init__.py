"""What an account's stream has not told: asked for over REST, compared with what was streamed, and told.

``accounts`` has a row for each kind of account, ``asking`` asks, ``told`` remembers what the callback knows, and
``reconciler`` compares. ``spot`` and ``futures`` know how events and REST answers of their kind are written.
"""
