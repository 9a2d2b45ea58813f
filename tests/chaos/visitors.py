"""Visitors who post over HTTP and, as a good client does, try the same key again until it is kept."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

from tests.chaos.prepare import FORM_KEY

TIMEOUT = 10.0  # seconds for one answer
GIVE_UP = 90.0  # seconds for one enquiry


@dataclass(slots=True)
class Heard:
    """What the visitors were told. `kept` is by key: the reference in the 201."""

    kept: dict[str, str] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    cut: int = 0
    told_otherwise: int = 0
    given_up: int = 0


class Visitors:
    """Some threads that post; every fifth enquiry is posted again after it was kept, as impatient people do.

    They post `count` enquiries, or `on_and_on` at least that many, until somebody waits for them to finish.
    """

    def __init__(
        self,
        port: int,
        *,
        name: str,
        count: int,
        seed: int,
        clients: int = 3,
        pause: float = 0.0,
        on_and_on: bool = False,
    ) -> None:
        self.heard = Heard()
        self._port = port
        self._pause = pause
        self._count = count
        self._keys = (f"{name}-{number}" for number in itertools.count(1))
        self._enough = threading.Event()
        if not on_and_on:
            self._enough.set()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._post_all, args=(random.Random(seed + number),), daemon=True)
            for number in range(clients)
        ]
        for thread in self._threads:
            thread.start()

    def finish(self) -> Heard:
        """Let them stop; wait until every enquiry is kept or given up."""
        self._enough.set()
        for thread in self._threads:
            thread.join()
        return self.heard

    def _post_all(self, chance: random.Random) -> None:
        while True:
            with self._lock:
                if self._enough.is_set() and self._count <= 0:
                    return
                self._count -= 1
                key = next(self._keys)
            reference = self._until_kept(key)
            with self._lock:
                if reference is None:
                    self.heard.given_up += 1
                else:
                    self.heard.kept[key] = reference
            if reference is not None and chance.random() < 0.2 and self._until_kept(key) != reference:
                with self._lock:
                    self.heard.told_otherwise += 1
            time.sleep(self._pause * chance.uniform(0.5, 1.5))

    def _until_kept(self, key: str) -> str | None:
        deadline = time.monotonic() + GIVE_UP
        while time.monotonic() < deadline:
            reference = self._once(key)
            if reference is not None:
                return reference
            time.sleep(0.1)
        return None

    def _once(self, key: str) -> str | None:
        body = {"name": "Vera Visitor", "email": f"{key}@example.com", "message": "How much is a drip?"}
        headers = {"Content-Type": "application/json", "X-Form-Key": FORM_KEY, "Idempotency-Key": key}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
        began = time.monotonic()
        try:
            connection.request("POST", "/api/v1/leads/", json.dumps(body), headers)
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException):
            with self._lock:
                self.heard.cut += 1
            return None
        finally:
            connection.close()
        with self._lock:
            self.heard.seconds.append(time.monotonic() - began)
            if answer.status != http.HTTPStatus.CREATED:
                self.heard.refused[answer.status] += 1
                return None
        return str(json.loads(said)["reference"])
