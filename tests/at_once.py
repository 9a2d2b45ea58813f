"""Several acts at the same moment, each in a thread with a connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import DatabaseError, connection, transaction
from django.db.models import Model

SECONDS = 10
# What a statement needs to reach a lock, and a little more.
A_MOMENT = 0.3


def together(*acts: Callable[[], None]) -> None:
    """Run each act in a thread with a connection of its own, and pass on what went wrong in any of them."""
    wrong: list[BaseException] = []

    def run(act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as failure:  # noqa: BLE001 – handed to the test's own thread below
            wrong.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    assert not any(thread.is_alive() for thread in threads), "the two waited for each other"
    if wrong:
        raise wrong[0]


def wait_for(event: threading.Event) -> None:
    """Wait until another thread has come so far."""
    assert event.wait(SECONDS)


def a_moment() -> None:
    """Give another thread time to come to the lock that it must wait at."""
    threading.Event().wait(A_MOMENT)


def as_they_lie() -> None:
    """Let this thread's connection find rows in the order they lie in, as it may whenever it likes.

    An index would give them sorted, and hide that nobody asked for an order.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET enable_indexscan = off; SET enable_bitmapscan = off")


def is_free(row: Model) -> bool:
    """Say whether nobody holds the lock of a row."""
    try:
        with transaction.atomic():
            type(row)._default_manager.select_for_update(nowait=True, no_key=True).get(pk=row.pk)
    except DatabaseError:
        return False
    return True


def before_the_commit(first: Callable[[], object], second: Callable[[], object]) -> None:
    """Do the second act while the first is done but not committed: where they share a lock, it waits."""
    done = threading.Event()

    def one() -> None:
        with transaction.atomic():
            first()
            done.set()
            a_moment()

    def other() -> None:
        wait_for(done)
        second()

    together(one, other)
