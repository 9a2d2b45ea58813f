"""Messages as files: the channel of a machine without a provider, where everything said can be read.

Writing the same delivery id twice leaves one file, so this channel dedupes perfectly.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path

from notifications.channels import mail
from notifications.channels.base import NOT_HANDED, Accepted, Envelope, MarkHanded, NotTaken, Refused, Result
from notifications.errors import NotHanded


@dataclass(frozen=True, slots=True)
class _FileSession:
    folder: Path
    suffix: str
    written: Callable[[Envelope], bytes]

    def send(self, envelope: Envelope, *, mark_handed: MarkHanded) -> Result:
        target = self.folder / f"{envelope.delivery_id}{self.suffix}"
        # One name for each process: two that write the same message do not write into each other's file.
        draft = target.with_suffix(f".{os.getpid()}.part")
        try:
            content = self.written(envelope)
        except mail.Unwritable:
            return Refused("unwritable")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_through(draft, content)
            mark_handed()
            draft.replace(target)
        except NotHanded:
            return NOT_HANDED
        except OSError:
            return NotTaken("folder_not_writable", whole_channel=True)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        return Accepted(envelope.delivery_id)


@dataclass(frozen=True, slots=True)
class _Files:
    folder: Path

    @property
    def patience(self) -> timedelta:
        return timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class MailFiles(_Files):
    """E-mail as `.eml` files."""

    @contextmanager
    def session(self) -> Iterator[_FileSession]:
        yield _FileSession(
            self.folder, ".eml", lambda envelope: mail.written(envelope, eight_bit=True).as_bytes()
        )


@dataclass(frozen=True, slots=True)
class TextFiles(_Files):
    """Text messages as `.json` files."""

    @contextmanager
    def session(self) -> Iterator[_FileSession]:
        yield _FileSession(self.folder, ".json", _text_message)


def _text_message(envelope: Envelope) -> bytes:
    fields = {
        "to": envelope.to,
        "from": envelope.from_address,
        "body": envelope.body,
        "delivery_id": envelope.delivery_id,
        "sent_at": envelope.dated.astimezone(UTC).isoformat(),
    }
    return json.dumps(fields, ensure_ascii=False, indent=1).encode() + b"\n"


def _write_through(path: Path, content: bytes) -> None:
    """Write a file so that it is on the disk before it gets its name."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
