"""Which page, campaign and article brought an enquiry, with whatever could name a person taken out.

Pure. What comes out is ready to store in the clear, so an address that came in carries no query but the
campaign's own words, no fragment, no user name, and nothing that looks like an e-mail address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from leads.domain.enquiry import CLICK_ID_FIELDS, UTM_FIELDS, Enquiry
from leads.enums import TouchKind

_PAGE_LIMIT = 500
# Folders under which sites keep their articles.
_ARTICLE_FOLDERS = frozenset({"article", "articles", "blog", "journal", "learn", "news"})
_ARTICLE_SLUG = re.compile(r"[\w-]{1,100}")
_ENDING = re.compile(r"\.(?:html?|php)$")
# An @, plain or percent-encoded any number of times over.
_AT = re.compile(r"@|%(?:25)*40", re.IGNORECASE)
_REDACTED = "-"


@dataclass(frozen=True, slots=True)
class TouchFacts:
    """One touch, named and bounded as its row is. `click_ids` maps the kind of identifier to its value."""

    kind: TouchKind
    article: str = ""
    cta: str = ""
    landing_page: str = ""
    referrer: str = ""
    utm_source: str = ""
    utm_medium: str = ""
    utm_campaign: str = ""
    utm_term: str = ""
    utm_content: str = ""
    utm_id: str = ""
    click_ids: dict[str, str] = field(default_factory=dict)


def article_of(enquiry: Enquiry) -> str:
    """Return the slug of the article the enquiry was written on, "" when it was no article.

    What the form says counts; otherwise the path of the page does.
    """
    return enquiry.article or _article_in(enquiry.page_url)


def touches(enquiry: Enquiry) -> tuple[TouchFacts, ...]:
    """Return the first touch, when the site remembered one, and the last; an empty one is left out."""
    last = {
        "page_url": enquiry.page_url,
        "referrer": enquiry.referrer,
        "article": enquiry.article,
        "cta": enquiry.cta,
        **enquiry.utm,
        **enquiry.click_ids,
    }
    found = (_facts(TouchKind.FIRST, enquiry.first_touch), _facts(TouchKind.LAST, last))
    return tuple(facts for facts in found if facts != TouchFacts(kind=facts.kind))


def impersonal_url(url: str) -> str:
    """Return an address with everything taken out that could tell who looked at it, at most 500 characters.

    Left are scheme, host, path and the UTM parameters; "" for what cannot be read as an address.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    host = parts.netloc.rpartition("@")[2].lower()
    path = "/".join(_REDACTED if _AT.search(segment) else segment for segment in parts.path.split("/"))
    query = urlencode(
        [
            (name, value)
            for name, value in parse_qsl(parts.query)
            if name in UTM_FIELDS and not _AT.search(value)
        ]
    )
    whole = urlunsplit((parts.scheme, host, path, query, ""))
    if len(whole) <= _PAGE_LIMIT:
        return whole
    return urlunsplit((parts.scheme, host, path, "", ""))[:_PAGE_LIMIT]


def _facts(kind: TouchKind, said: Mapping[str, str]) -> TouchFacts:
    return TouchFacts(
        kind=kind,
        article=said.get("article", "") or _article_in(said.get("page_url", "")),
        cta=said.get("cta", ""),
        landing_page=impersonal_url(said.get("page_url", "")),
        referrer=impersonal_url(said.get("referrer", "")),
        # Mail tools put the reader's address into a campaign field when they are set up carelessly.
        **{name: said[name] for name in UTM_FIELDS if name in said and not _AT.search(said[name])},
        click_ids={name: said[name] for name in CLICK_ID_FIELDS if name in said},
    )


def _article_in(page_url: str) -> str:
    """Return the last part of a path that leads through a folder of articles, "" for the folder itself."""
    try:
        path = urlsplit(page_url).path
    except ValueError:
        return ""
    names = [unquote(segment).lower() for segment in path.split("/") if segment]
    if names and names[-1] in {"index.html", "index.htm", "index.php"}:
        names.pop()
    if not _ARTICLE_FOLDERS.intersection(names[:-1]):
        return ""
    slug = _ENDING.sub("", names[-1])
    return slug if _ARTICLE_SLUG.fullmatch(slug) else ""
