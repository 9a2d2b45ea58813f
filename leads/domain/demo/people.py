"""The demo's people: invented names, numbers kept free for fiction, addresses that reach nobody."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

_FIRST = (
    "Olivia Emma Ava Sophia Mia Isabella Charlotte Amelia Harper Evelyn Abigail Ella Grace Chloe Zoe Nora "
    "Hazel Ruth June Clara Naomi Tessa Imani Keisha Aaliyah Jasmine Mei Linh Anjali Sunita Fatima Leila "
    "Hannah Rachel Liam Noah Ethan Mason Logan Lucas Owen Caleb Wyatt Jack Henry Samuel Isaac Marcus "
    "Andre Darius Kofi Wei Arjun Omar Yusuf Patrick Connor Trevor Dale Glenn Russell Wendy Gail Denise "
    "Tanya Brooke Paige Whitney"
).split()
_LAST = (
    "Walker Brooks Hayes Foster Bennett Coleman Reed Porter Sullivan Fletcher Barnes Holt Whitaker Lowe "
    "Mercer Dalton Pruitt Vance Marsh Keller Novak Schultz Becker Larsen O’Neill McBride Kim Park Nguyen "
    "Tran Chen Patel Shah Rao Okafor Mensah Washington Booker Ellis Grant Sharpe Tate Underwood Vaughn "
    "Winslow York Abbott Bishop"
).split()
_FIRST_ES = (
    "María Guadalupe Lucía Camila Valeria Ximena Daniela Rosa Carmen Elena Sofía José Luis Carlos Miguel "
    "Javier Andrés Diego Ricardo Héctor Raúl Ángel"
).split()
_LAST_ES = (
    "García Hernández Martínez López González Rodríguez Pérez Sánchez Ramírez Flores Rivera Gómez Díaz "
    "Cruz Morales Ortiz Gutiérrez Chávez Ramos Castillo"
).split()
# Codes of central Texas, and a few of people who moved here and kept their number.
_AREA_CODES = (
    "512",
    "737",
    "512",
    "210",
    "254",
    "830",
    "512",
    "361",
    "979",
    "713",
    "214",
    "972",
    "480",
    "303",
)
_ZONES = ("America/Chicago",) * 28 + ("America/Denver", "America/Los_Angeles")


@dataclass(frozen=True, slots=True)
class Person:
    """One invented visitor of the website."""

    name: str
    email: str
    phone: str
    language: str
    zone: str


def people(rng: Random) -> Iterator[Person]:
    """Give one new person after another, no two of one name; without end as far as a demo goes."""
    numbers = [f"{code}-555-01{end:02d}" for code in sorted(set(_AREA_CODES)) for end in range(100)]
    rng.shuffle(numbers)
    taken: set[str] = set()
    while True:
        spanish = rng.random() < 0.22
        first = rng.choice(_FIRST_ES if spanish else _FIRST)
        last = rng.choice(_LAST_ES if spanish else _LAST)
        name = f"{first} {last}"
        if name in taken:
            continue
        taken.add(name)
        phone = numbers.pop() if rng.random() < 0.85 else ""
        yield Person(
            name=name,
            email="" if phone and rng.random() < 0.14 else _email(first, last, rng),
            phone=phone,
            language="es" if spanish and rng.random() < 0.6 else "en",
            zone=rng.choice(_ZONES),
        )


def _email(first: str, last: str, rng: Random) -> str:
    plain_first, plain_last = _plain(first), _plain(last)
    shapes = (
        f"{plain_first}.{plain_last}",
        f"{plain_first[0]}{plain_last}",
        f"{plain_first}{plain_last}{rng.randint(70, 99)}",
        f"{plain_last}.{plain_first}",
    )
    return f"{rng.choice(shapes)}@example.com"


def _plain(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word.lower())
    return "".join(letter for letter in letters if letter.isascii() and letter.isalpha())
