"""The texts that left: files, since a text of this clinic leaves as one.

A second writing under the same delivery id leaves one file, but another one; so what was seen is remembered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(slots=True)
class Texts:
    """The folder of the texts, looked at again and again."""

    folder: Path
    rewritten: set[str] = field(default_factory=set)
    _seen: dict[str, tuple[int, int]] = field(default_factory=dict)

    def taken(self) -> set[str]:
        """Give the delivery ids that left so far, and remember their files."""
        for path in self.folder.glob("*.json"):
            stat = path.stat()
            file = (stat.st_ino, stat.st_mtime_ns)
            if self._seen.setdefault(path.stem, file) != file:
                self.rewritten.add(path.stem)
        return set(self._seen)
