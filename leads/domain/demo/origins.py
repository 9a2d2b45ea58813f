"""Where the demo's visitors come from, what they ask for, and how likely each is to come in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

SITE = "http://localhost:8000/example"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the website that visitors write from."""

    path: str
    article: str
    cta: str
    topic: str  # which messages people write here
    services: tuple[str, ...]
    visitors: int  # of a hundred
    keenness: float  # 1.0 is the average chance that a visitor comes in


PAGES = (
    Page("/articles/magnesium/", "magnesium", "article-end", "magnesium", ("magnesium-iv-push",), 30, 1.15),
    Page("/articles/hydration/", "hydration", "article-end", "hydration", ("hydration",), 14, 0.95),
    Page(
        "/articles/myers-cocktail/",
        "myers-cocktail",
        "article-end",
        "myers",
        ("myers-cocktail", "glutathione-push"),
        13,
        1.1,
    ),
    Page("/articles/nad-plus/", "nad-plus", "article-end", "nad", ("nad-plus",), 11, 0.55),
    Page(
        "/articles/athletic-recovery/",
        "athletic-recovery",
        "article-end",
        "athletic",
        ("athletic-drip", "recovery-drip"),
        9,
        1.25,
    ),
    Page("/articles/iron/", "iron", "article-end", "iron", ("iron-infusion", "consultation"), 5, 0.6),
    Page(
        "/services/",
        "",
        "services",
        "services",
        ("b12-injection", "immunity-drip", "hydration", "myers-cocktail"),
        11,
        1.1,
    ),
    Page("/", "", "home", "services", ("consultation", "hydration", "magnesium-iv-push"), 7, 1.0),
)

_NOTHING: Mapping[str, str] = {}
# How they got to the page, with the share of each in a hundred.
_WAYS: tuple[tuple[int, str, Mapping[str, str]], ...] = (
    (34, "https://www.google.com/", _NOTHING),
    (16, "", _NOTHING),
    (
        18,
        "https://www.google.com/",
        {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "austin-drips"},
    ),
    (
        11,
        "https://www.instagram.com/",
        {"utm_source": "instagram", "utm_medium": "social", "utm_campaign": "profile-link"},
    ),
    (
        8,
        "https://www.facebook.com/",
        {"utm_source": "facebook", "utm_medium": "paid", "utm_campaign": "rest-and-recover"},
    ),
    (6, "", {"utm_source": "newsletter", "utm_medium": "email", "utm_campaign": "monthly-letter"}),
    (4, "https://www.bing.com/", _NOTHING),
    (
        3,
        "https://maps.google.com/",
        {"utm_source": "google", "utm_medium": "maps", "utm_campaign": "profile"},
    ),
)


def page(rng: Random) -> Page:
    """Draw a page as visitors spread over them."""
    return rng.choices(PAGES, weights=[each.visitors for each in PAGES])[0]


def page_of(article: str) -> Page:
    """Give the page of an article."""
    return next(each for each in PAGES if each.article == article)


def attribution(where: Page, rng: Random) -> dict[str, object]:
    """Draw how somebody got to a page, as the website's form sends it."""
    _, referrer, campaign = rng.choices(_WAYS, weights=[share for share, _, _ in _WAYS])[0]
    facts: dict[str, object] = {
        "page_url": f"{SITE}{where.path}",
        "article": where.article,
        "cta": where.cta,
        **({"referrer": referrer} if referrer else {}),
        **campaign,
    }
    if campaign.get("utm_medium") == "cpc":
        facts["gclid"] = f"demo-{rng.getrandbits(64):016x}"
    if rng.random() < 0.2:
        # They had been here before, by another way.
        earlier = page(rng)
        facts["first_touch"] = {
            "page_url": f"{SITE}{earlier.path}",
            "article": earlier.article,
            "referrer": "https://www.google.com/",
        }
    return facts
