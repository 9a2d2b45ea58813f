"""A load generator: some clients that post one body after the other over connections they keep."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

Post = tuple[bytes, Mapping[str, str]]

CLIENTS = 8
TIMEOUT = 30.0  # seconds


@dataclass(slots=True)
class Answers:
    """How long each answer took, in seconds, and how many were no 201."""

    took: list[float] = field(default_factory=list)
    wrong: int = 0
    seconds: float = 0.0

    def percentile(self, share: float) -> float:
        """Give the time in milliseconds below which this share of the answers came."""
        ordered = sorted(self.took) or [0.0]
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    @property
    def rate(self) -> float:
        """Answers in a second."""
        return len(self.took) / self.seconds if self.seconds else 0.0


def post_all(port: int, path: str, posts: Sequence[Post], *, clients: int = CLIENTS) -> Answers:
    """Post every body once, from several clients at a time, to a server on this machine."""
    answers, lock = Answers(), threading.Lock()
    threads = [
        threading.Thread(
            target=_client,
            args=(port, path, list(islice(posts, number, None, clients)), answers, lock),
        )
        for number in range(clients)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.seconds = time.perf_counter() - started
    return answers


def _client(port: int, path: str, posts: Sequence[Post], answers: Answers, lock: threading.Lock) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    took, wrong = [], 0
    for body, headers in posts:
        began = time.perf_counter()
        try:
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            answer.read()
            wrong += answer.status != http.HTTPStatus.CREATED
        except (OSError, http.client.HTTPException):
            wrong += 1
            connection.close()  # made anew by the next request
        took.append(time.perf_counter() - began)
    connection.close()
    with lock:
        answers.took += took
        answers.wrong += wrong
