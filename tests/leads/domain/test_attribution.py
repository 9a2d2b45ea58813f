from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.domain import attribution
from leads.domain.attribution import TouchFacts
from leads.domain.enquiry import Enquiry
from leads.enums import TouchKind


@pytest.mark.parametrize(
    ("article", "page_url", "expected"),
    [
        ("magnesium", "", "magnesium"),
        ("magnesium", "https://clinic.example/articles/hydration/", "magnesium"),
        ("", "https://clinic.example/articles/magnesium/", "magnesium"),
        ("", "https://clinic.example/articles/Magnesium?utm_source=ad#form", "magnesium"),
        ("", "https://clinic.example/en/blog/2026/03/magnesium.html", "magnesium"),
        ("", "/example/articles/magnesium/index.html", "magnesium"),
        ("", "https://clinic.example/articles/", ""),
        ("", "https://clinic.example/articles/index.html", ""),
        ("", "https://clinic.example/services/magnesium/", ""),
        ("", "https://clinic.example/articles/ana%40example.com/", ""),
        ("", "https://[broken/articles/magnesium/", ""),
        ("", "https://clinic.example/", ""),
        ("", "", ""),
    ],
)
def test_article_of_enquiry(article: str, page_url: str, expected: str) -> None:
    assert attribution.article_of(Enquiry(article=article, page_url=page_url)) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://Clinic.Example/a/b/", "https://clinic.example/a/b/"),
        (
            "https://clinic.example/a?email=ana@example.com&utm_source=ad&q=pain",
            "https://clinic.example/a?utm_source=ad",
        ),
        (
            "https://clinic.example/a?utm_source=ad&utm_term=ana%40example.com",
            "https://clinic.example/a?utm_source=ad",
        ),
        ("https://clinic.example/a#ana@example.com", "https://clinic.example/a"),
        ("https://ana:secret@clinic.example/a", "https://clinic.example/a"),
        ("https://clinic.example/hello/ana@example.com/x", "https://clinic.example/hello/-/x"),
        ("https://clinic.example/hello/ana%2540example.com", "https://clinic.example/hello/-"),
        ("https://search.example/?q=migraine", "https://search.example/"),
        ("android-app://search.example/", "android-app://search.example/"),
        ("/example/articles/magnesium/?a=b", "/example/articles/magnesium/"),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_impersonal_url_keeps_page_and_campaign(url: str, expected: str) -> None:
    assert attribution.impersonal_url(url) == expected


def test_impersonal_url_too_long_loses_its_query_first() -> None:
    page = "https://clinic.example/" + "a" * 400

    assert attribution.impersonal_url(f"{page}?utm_source={'b' * 300}") == page


def test_impersonal_url_much_too_long_is_cut() -> None:
    assert len(attribution.impersonal_url("https://clinic.example/" + "a" * 1_900)) == 500


def test_touches_first_and_last_are_told_apart() -> None:
    found = attribution.touches(
        Enquiry(
            page_url="https://clinic.example/services/?email=ana@example.com",
            referrer="https://clinic.example/articles/magnesium/",
            cta="services-end",
            utm={"utm_source": "newsletter", "utm_content": "ana@example.com"},
            click_ids={"gclid": "g-1"},
            first_touch={
                "page_url": "https://clinic.example/articles/magnesium/?utm_source=ad&fbclid=f-1",
                "referrer": "https://search.example/?q=sleep",
                "utm_source": "ad",
                "fbclid": "f-1",
            },
        )
    )

    assert found == (
        TouchFacts(
            kind=TouchKind.FIRST,
            article="magnesium",
            landing_page="https://clinic.example/articles/magnesium/?utm_source=ad",
            referrer="https://search.example/",
            utm_source="ad",
            click_ids={"fbclid": "f-1"},
        ),
        TouchFacts(
            kind=TouchKind.LAST,
            cta="services-end",
            landing_page="https://clinic.example/services/",
            referrer="https://clinic.example/articles/magnesium/",
            utm_source="newsletter",
            click_ids={"gclid": "g-1"},
        ),
    )


def test_touches_without_a_first_visit_hold_only_the_last() -> None:
    found = attribution.touches(Enquiry(article="magnesium", cta="article-end"))

    assert found == (TouchFacts(kind=TouchKind.LAST, article="magnesium", cta="article-end"),)


def test_touches_of_an_enquiry_from_nowhere_are_none() -> None:
    assert attribution.touches(Enquiry(name="Ana")) == ()


@settings(max_examples=150, deadline=None)
@given(path=st.text(max_size=30), said=st.text(max_size=20))
def test_touches_of_any_address_hold_no_at_sign(path: str, said: str) -> None:
    url = f"https://ana@clinic.example/{path}?utm_term={said}&to=ana@example.com"

    for facts in attribution.touches(Enquiry(page_url=url, referrer=url, utm={"utm_term": said})):
        assert "@" not in facts.landing_page + facts.referrer + facts.utm_term
