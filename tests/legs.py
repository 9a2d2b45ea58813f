"""`make test`: the suite on SQLite, then on PostgreSQL + Redis where they answer; says which ran."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psycopg
import redis

DATABASE_URL = os.environ.get("TEST_DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
# The test run empties this database of the broker.
REDIS_URL = os.environ.get("TEST_REDIS_URL") or "redis://127.0.0.1:6379/15"
PROCESSES = os.environ.get("TEST_PROCESSES") or "2"


def postgres_answers() -> bool:
    """Whether the test server lets us in."""
    try:
        psycopg.connect(DATABASE_URL, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def redis_answers() -> bool:
    """Whether the test broker lets us in; empties the tests' database of it."""
    client = redis.Redis.from_url(REDIS_URL, socket_timeout=3, socket_connect_timeout=3)
    try:
        return bool(client.flushdb())
    except (redis.RedisError, OSError):
        return False
    finally:
        client.close()


def run(leg: str, arguments: list[str]) -> tuple[int, float]:
    """Run the suite on one leg and give its exit status and seconds."""
    print(f"\n═══ {leg} ═══", flush=True)
    started = time.monotonic()
    settings = {"TEST_LEG": leg, "TEST_DATABASE_URL": DATABASE_URL, "TEST_REDIS_URL": REDIS_URL}
    command = [sys.executable, "-m", "pytest", "-n", PROCESSES, "--dist", "worksteal", "-q", *arguments]
    status = subprocess.run(command, env=os.environ | settings, check=False).returncode
    return status, time.monotonic() - started


def main(arguments: list[str]) -> int:
    """Run the legs and give 0 only when each that ran, and under CI each there is, was green."""
    results = {"sqlite": run("sqlite", arguments)}
    missing = [
        name for name, there in (("PostgreSQL", postgres_answers()), ("Redis", redis_answers())) if not there
    ]
    if not missing:
        results["postgres"] = run("postgres", arguments)
    print("\n═══ which legs ran ═══")
    for leg, (status, seconds) in results.items():
        print(f"  {leg:<9} {'green' if status == 0 else f'RED ({status})':<8} {seconds:.0f} s")
    required = os.environ.get("CI", "").lower() in {"1", "true"}
    if missing:
        verdict = ", a failure here" if required else ""
        print(f"  postgres  DID NOT RUN: no answer from {' and '.join(missing)}{verdict}")
    red = any(status for status, _ in results.values())
    return 1 if red or (missing and required) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
