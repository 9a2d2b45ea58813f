from __future__ import annotations

import time

import pytest

from crm.domain import safety_phrases
from crm.domain.safety_phrases import Screening

CRISIS = {
    "suicide": [
        "I want to kill myself",
        "sometimes I think of KILLING   my self",
        "i am suicidal",
        "thinking about sucide",
        "I'm going to end my life",
        "maybe I should just end it all",
        "he says he will shoot himself. I will hang myself",
        "me quiero matar",
        "pienso en quitarme la vida",
        "tengo pensamientos suicidas",
        "quiero acabar con mi vida",
        "voy a tirarme de un puente",
    ],
    "wish_to_die": [
        "I want to die",
        "I wanna die",
        "i want so badly to just die",
        "I don't want to live anymore",
        "I dont want to live anymore",
        "I don’t want to be here any more",
        "I don&#8217;t want to wake up",
        "I don?t want to live",
        "I don`t want to live",
        "I don´t want to live",
        "I don＇t want to live",
        "I do not want to be alive",
        "there is no reason to live",
        "they would be better off without me",
        "I'd be better off dead",
        "I wish I was dead",
        "I wish I were never born",
        "tired of living",
        "I can't go on",
        "life isn't worth living",
        "I\u200b want\u00a0to\ndie",
        "me quiero morir",
        "quiero morirme",
        "Ya no quiero vivir",
        "no quiero seguir viviendo",
        "no quiero despertar mañana",
        "ojalá me muera",
        "estoy cansada de vivir",
        "no tengo ganas de vivir",
        "estarían mejor sin mí",
    ],
    "self_harm": [
        "I keep hurting myself",
        "I cut myself again",
        "self-harm",
        "I have urges to harm myself",
        "quiero hacerme daño",
        "quiero hacerme mucho dan\u0303o",
        "me quiero lastimar",
        "autolesiones",
    ],
}
EMERGENCY = {
    "chest_pain": [
        "I have chest pain",
        "my chest hurts",
        "My chest feels really tight",
        "pressure in my chest",
        "I think it's a heart attack",
        "me duele mucho el pecho",
        "tengo dolor en el pecho",
    ],
    "breathing": [
        "I can't breathe",
        "i cant breath",
        "I can t breathe",
        "she cannot breathe",
        "trouble breathing since the drip",
        "shortness of breath",
        "no puedo respirar",
        "me falta el aire",
    ],
    "overdose": [
        "overdose",
        "I think I over-dosed",
        "took too many pills",
        "I took a whole bottle of Tylenol",
        "creo que es una sobredosis",
        "me tomé todas las pastillas",
    ],
    "stroke": ["I think she is having a stroke", "his face is drooping", "I can't move my left arm"],
    "unconscious": ["my husband won't wake up", "he is unconscious", "está inconsciente"],
    "allergic_reaction": ["my throat is closing up", "my lips are swelling", "se me cierra la garganta"],
    "bleeding": ["it won't stop bleeding", "I am vomiting blood", "no para de sangrar"],
    "ambulance": ["please call an ambulance", "should I call 911?", "necesito una ambulancia"],
}
HARMLESS = [
    "",
    "I have depression and anxiety",
    "Tengo depresión y ansiedad",
    "I read your article on magnesium for anxiety. Can I book a push this week?",
    "My back is killing me after the marathon",
    "I'm dying to try this!",
    "I hate needles, will it hurt?",
    "What dose of vitamin C do you give? My dad died last year.",
    "I like your die-cut stickers",
    "I am going to the hotel in October",
    "I don't want to wait long",
    "I want to live a healthier life",
    "can not sleep, cannot focus, no reason to worry though",
    "Do you take a deep breath before the needle goes in?",
    "chest cold last week, all clear now",
    "I had a stroke in 2015 and take blood thinners",
    "history of anaphylaxis to iron",
    "¿El magnesio puede hacerme daño?",
    "Se me cortó la llamada, no me escriban al trabajo",
    "no puedo dormir y no quiero tomar pastillas",
    "Quiero vivir mejor. ¿Cuánto cuesta?",
    "Меня интересует капельница",
    "😀" * 50,
]


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, each in CRISIS.items() for text in each])
def test_screen_phrase_of_crisis_is_found(code: str, text: str) -> None:
    result = safety_phrases.screen(text)

    assert result == Screening(kind="crisis", codes=(code,))


@pytest.mark.parametrize(
    ("code", "text"), [(code, text) for code, each in EMERGENCY.items() for text in each]
)
def test_screen_phrase_of_emergency_is_found(code: str, text: str) -> None:
    result = safety_phrases.screen(text)

    assert result == Screening(kind="emergency", codes=(code,))


@pytest.mark.parametrize("text", HARMLESS)
def test_screen_harmless_text_pages_nobody(text: str) -> None:
    result = safety_phrases.screen(text)

    assert result == Screening(kind=None, codes=())


def test_screen_negation_is_not_believed() -> None:
    result = safety_phrases.screen("I would never kill myself, and I have no chest pain")

    assert result == Screening(kind="emergency", codes=("chest_pain", "suicide"))


def test_screen_phrase_is_found_at_the_very_end_of_a_long_text() -> None:
    text = "I feel fine and can not complain. " * 1900 + "I want to die"

    result = safety_phrases.screen(text)

    assert result == Screening(kind="crisis", codes=("wish_to_die",))


def test_screen_phrase_inside_other_words_is_not_found() -> None:
    result = safety_phrases.screen("want to diet; overdosesque; chest painting")

    assert result == Screening(kind=None, codes=())


@pytest.mark.parametrize(
    "piece",
    [
        "can not ",
        "chest is feels ",
        "chest really ",
        "want a b c ",
        "pain in my ",
        "no quiero a ",
        "a",
        "l",
        "&amp",
        "\u0300",
    ],
)
def test_screen_time_grows_no_faster_than_the_text(piece: str) -> None:
    def seconds(size: int) -> float:
        text = " kil" + (piece * size)[:size]
        started = time.process_time()
        safety_phrases.screen(text)
        return time.process_time() - started

    short, long = min(seconds(8_000) for _ in range(3)), min(seconds(64_000) for _ in range(2))

    # Eight times the text; a quadratic search would need sixty-four times the time. 10 ms absorb the clock.
    assert long < short * 24 + 0.010


@pytest.mark.parametrize("language", ["en", "es"])
def test_notice_quoted_in_a_reply_pages_nobody(language: str) -> None:
    result = safety_phrases.screen(f"> {safety_phrases.CRISIS_NOTICE[language]}\n\nThanks!")

    assert result == Screening(kind=None, codes=())


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", "en"), ("es", "es"), ("es-MX", "es"), ("ES_us", "es"), ("fr", "en"), ("", "en")],
)
def test_notice_is_in_the_language_or_english(language: str, expected: str) -> None:
    result = safety_phrases.notice(language)

    assert result == safety_phrases.CRISIS_NOTICE[expected]


@pytest.mark.parametrize("language", ["en", "es"])
def test_notice_names_both_numbers(language: str) -> None:
    text = safety_phrases.notice(language)

    assert [number for number in ("911", "988") if number in text] == ["911", "988"]
