"""The phrases in a person's words that make everything automatic wait and a person look, at any hour.

Pure, offline and deterministic. It looks for phrases, not single words: on a site about depression the
word itself says nothing. It would rather page somebody for nothing than miss one: a "not" in front is not
believed. It assesses nobody: no phrase found proves nothing, which is why `CRISIS_NOTICE` goes with every
answer.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

# Stored with each finding. Raise it with every change of the phrases or of how text is read.
VERSION = 1

Kind = Literal["crisis", "emergency"]


@dataclass(frozen=True, slots=True)
class Screening:
    """What was found. Codes name kinds of phrase, never the words; `kind` is None when there is nothing."""

    kind: Kind | None
    codes: tuple[str, ...]


# The phrases are written for text as `_plain` leaves it: lower case, no accents, no apostrophes, one space
# between words. A space is a word boundary. Repetitions are bounded, so a search stays linear in the text.
_CANT = r"(?:can ?not|cant|couldnt|unable to|not able to)"
_DONT_WANT = r"(?:(?:dont|do not|didnt|no longer|never) (?:\w+ )?(?:want|wanna|wish)(?: to)?|not wanting to)"
_WANT = r"(?:want|wants|wanted|wanting|wish|hope|going|ready|plan|planning|decided|prefer|like)"
_PILLS = r"(?:pills|tablets|meds|medication|medications|medicine|sleeping pills|tylenol|xanax|ambien)"
_PASTILLAS = r"(?:pastillas|pildoras|tabletas|medicinas|medicamentos)"
_QUIERO = r"(?:quiero|quisiera|deseo|voy a|ganas de|pienso(?: en)?|pensando en|pensado en|intente)"

_CRISIS: dict[str, tuple[str, ...]] = {
    "suicide": (
        r"(?:suicid|sucid|suisid|suicde|suiside|unaliv)\w*",
        r"kil+(?:ed|ing)? my ?self",
        r"(?:hang|hanging|shoot|shooting|drown|drowning|poison|poisoning|gas|gassing|off|offing) my ?self",
        r"(?:end|ending|ended|take|taking|took) my (?:own )?life",
        r"(?:end|ending) it all",
        r"put an end to (?:my life|myself|it all)",
        r"(?:do|doing) away with my ?self",
        r"(?:slit|slitting|cut|cutting) my wrists?",
        r"blow my brains? out",
        r"jump(?:ing)? off (?:a|the) (?:bridge|roof|building|balcony)",
        r"jump(?:ing)? in front of (?:a|the) (?:train|car|truck|bus)",
        r"(?:me )?(?:quiero|voy a|quisiera|deseo|pienso) (?:a )?matar(?:me)?",
        r"(?:matarme|me quiero matar|me voy a matar|me mato)",
        r"(?:quitarme|quitandome|arrancarme) la vida",
        r"me (?:quito|quite|quitaria|quiero quitar|voy a quitar) la vida",
        r"(?:acabar|terminar) con (?:mi vida|todo esto|mi existencia)",
        r"(?:poner|ponerle) fin a mi vida",
        r"(?:ahorcarme|me quiero ahorcar|me voy a ahorcar|pegarme un tiro|cortarme las (?:venas|munecas))",
        r"(?:tirarme|lanzarme|aventarme) (?:de|del|desde|por|a) (?:un |una |el |la |las |los )?"
        r"(?:puente|balcon|ventana|edificio|techo|azotea|tren|metro|vias)",
    ),
    "wish_to_die": (
        rf"{_WANT} (?:\w+ ){{0,3}}to (?:just |really )?die",
        r"(?:wanna|gonna|rather) (?:just )?die",
        r"feel like dying",
        r"wish (?:i|that i) (?:was|were|am|could be) (?:dead|never born|not alive)",
        r"wish i (?:had never|was never|hadnt) (?:been )?born",
        r"(?:want|wanna|wish|rather|prefer) (?:to )?be dead",
        r"(?:i|id|i would|they|theyd|everyone|everybody|family|kids|world) (?:\w+ ){0,3}better off"
        r" (?:without me|if i)",
        r"better off (?:dead|without me|if i (?:was|were) (?:dead|gone))",
        r"should(?:nt| not)? (?:just )?be (?:dead|alive)",
        rf"{_DONT_WANT} (?:live|be alive|be here|be around|exist|wake up|go on|keep (?:living|going)"
        r"|continue living)",
        r"(?:hope|wish|pray) (?:that )?i (?:dont|do not|never|wont|didnt) wake up",
        rf"{_CANT} (?:go on(?: living)?|live (?:like this|any ?more)|keep living)",
        r"(?:no|any) (?:reason|reasons|point|purpose) (?:to|in|for)"
        r" (?:live|living|life|being alive|going on|go on)",
        r"(?:nothing|not much) (?:left )?to live for",
        r"(?:life|living|lifes) (?:is |isnt |just )?(?:not )?worth living",
        r"(?:tired|sick|done|finished) (?:of|with) (?:living|life|being alive|my life)",
        r"(?:given|give|giving) up on (?:life|living)",
        r"dont deserve to (?:live|be alive|exist)",
        r"(?:thinking|think|thoughts|thought) (?:about|of)"
        r" (?:death|dying|being dead|ending (?:it|things|my|everything))",
        r"goodbye (?:forever|cruel world)",
        r"(?:me )?(?:quiero|quisiera|deseo|prefiero|preferiria|ganas de) (?:solo )?morir(?:me)?",
        r"(?:quiero|quisiera|prefiero|preferiria|deseo) estar muert[oa]",
        r"(?:ojala|quisiera que) (?:me muera|me muriera|estuviera muert[oa]|no despertara|no hubiera nacido)",
        r"mejor (?:muert[oa]|sin mi)",
        r"no (?:quiero|quisiera|deseo) (?:\w+ )?"
        r"(?:vivir|existir|despertar|despertarme|estar aqui|estar viv[oa]|seguir (?:viviendo|viv[oa]"
        r"|aqui|asi|adelante))",
        r"(?:sin|no tengo|no me quedan|perdi las|perdido las)"
        r" (?:mas )?(?:ganas|razones|razon|motivos?) (?:de|para) vivir",
        r"no (?:hay|encuentro|veo|le veo|tiene) (?:razon|razones|motivos?|sentido) (?:para|de|a)"
        r" (?:vivir|seguir|la vida)",
        r"no vale la pena (?:vivir|seguir viviendo)",
        r"(?:cansad[oa]|hart[oa]) de (?:vivir|la vida|mi vida)",
        r"no (?:merezco|puedo seguir|puedo mas con) (?:vivir|viviendo|vivo|viva|la vida|mi vida)",
    ),
    "self_harm": (
        r"(?:hurt|hurting|harm|harming|harmed|cut|cutting|burn|burning|injure|injuring|starve"
        r"|starving) my ?self",
        r"self (?:harm|harming|injury|injuring|mutilat\w*)",
        r"selfharm\w*",
        r"not (?:feel )?safe with my ?self",
        r"(?:hurt|harm) my own (?:self|body)",
        rf"{_QUIERO} (?:hacerme|causarme) (?:\w+ )?dano",
        r"(?:hacerme|me hago|me hice) (?:\w+ )?dano a mi mism[oa]",
        r"me (?:quiero|voy a|quisiera) (?:hacer dano|lastimar|cortar (?:las venas|los brazos)|herir)",
        r"(?:lastimarme|herirme|cortarme (?:los brazos|la piel|a mi)|me lastimo a mi"
        r"|me corto (?:los brazos|la piel))",
        r"autolesi\w*",
    ),
}

_EMERGENCY: dict[str, tuple[str, ...]] = {
    "chest_pain": (
        r"chest (?:is |feels? |has |really )*(?:pains?|pressure|tight|tightness|tightening|hurts?"
        r"|hurting|heavy|discomfort)",
        r"(?:pains?|pressure|tightness|tight|ache|heaviness) (?:in|on|across) (?:\w+ )?(?:\w+ )?chest",
        r"tight chest",
        r"(?:heart|cardiac) (?:attack|arrest)",
        r"(?:dolor|dolores|presion|opresion|punzadas?) (?:\w+ )?(?:de|en el|en mi|del) pecho",
        r"(?:duele|dolia|aprieta|oprime) (?:mucho )?el pecho",
        r"(?:infarto|ataque al corazon|ataque cardiaco|paro cardiaco)",
    ),
    "breathing": (
        rf"{_CANT} (?:\w+ )?(?:breath|breathe|catch my breath|get (?:any |enough )?air)",
        r"(?:trouble|problems|hard to|hard time|difficulty|difficult to|struggl(?:e|ing) to|hardly|barely)"
        r" (?:\w+ )?(?:breath|breathe|breathing|catch my breath|catching my breath)",
        r"(?:short|shortness) of breath",
        r"(?:not|stopped|isnt|wasnt) breathing",
        r"gasping for (?:air|breath)",
        r"no (?:puedo|puede|podia|logro) (?:\w+ )?respirar",
        r"(?:no|apenas) respir[ao]",
        r"(?:cuesta|cuesta trabajo|costando|dificultad para|dificultad al|problemas para) respirar",
        r"(?:falta|faltando) (?:de |el )?(?:aire|respiracion)",
        r"me (?:ahogo|asfixio|estoy ahogando|estoy asfixiando)",
    ),
    "overdose": (
        r"over ?dos(?:e|es|ed|ing|is|in)",
        r"(?:i|he|she|they) od ?ed",
        rf"(?:took|taken|swallowed|taking|take|drank) (?:way )?"
        rf"(?:too many|too much|all|a bunch|a (?:whole )?bottle|a handful)"
        rf" (?:of )?(?:of )?(?:my |the |his |her )?{_PILLS}",
        r"(?:drank|swallowed|drunk) (?:\w+ )?(?:bleach|poison|antifreeze)",
        r"sobre ?dosis",
        rf"(?:tome|tomado|tomo|trague|tomarme) (?:todas|todos|muchas|muchos|demasiad[oa]s|un monton de)"
        rf" (?:de )?(?:las |los |mis |sus )?{_PASTILLAS}",
        r"me (?:intoxique|envenene)",
    ),
    "stroke": (
        r"(?:having|just had) (?:a|another) (?:stroke|seizure)",
        r"face (?:is |has )?(?:droop|drooped|drooping|numb)",
        r"slurr(?:ed|ing) (?:\w+ )?(?:speech|words)",
        rf"{_CANT} (?:move|feel) (?:my|his|her) (?:left |right )?(?:arm|arms|leg|legs|face|side|hand)",
        r"worst headache of my life",
        r"(?:derrame cerebral|convulsionando|teniendo convulsiones|(?:cara|brazo) dormid[oa])",
    ),
    "unconscious": (
        r"(?:unconscious|unresponsive|not responding to me)",
        r"(?:wont|not|cant|cannot|doesnt) (?:wake|waking) (?:him |her |them )?up right now",
        r"(?:he|she|they|mom|dad|husband|wife|friend) (?:wont|isnt|is not|will not|doesnt)"
        r" (?:wake|waking) up",
        r"(?:cant|cannot) wake (?:him|her|them) up",
        r"(?:keep|keeps) (?:passing out|fainting|losing consciousness)",
        r"(?:esta inconsciente|perdio el conocimiento|no despierta|no reacciona|no responde y)",
    ),
    "allergic_reaction": (
        r"(?:having|going into|am in|is this|think its)"
        r" (?:an? )?(?:severe |bad |serious )?(?:anaphyla\w*|allergic reaction)",
        r"throat (?:is |feels |feels like its |keeps )?(?:closing|swelling|swollen)(?: up)?",
        r"(?:tongue|lips) (?:is |are |feel |feels )?(?:swelling|swollen)",
        r"(?:cierra|cerrando|hincha|hinchando) la (?:garganta|lengua)",
        r"(?:tengo|teniendo|es) (?:una )?(?:reaccion alergica|anafila\w*)",
    ),
    "bleeding": (
        r"(?:wont|cant|doesnt|cannot|not) stop (?:the )?bleeding",
        r"bleeding (?:out|heavily|badly|a lot|and it wont|wont stop|that wont stop)",
        r"(?:coughing|vomiting|throwing|spitting|puking) (?:up )?blood",
        r"no (?:para|deja|paro) de sangrar",
        r"(?:sangrando mucho|vomitando sangre|tosiendo sangre|vomito sangre)",
    ),
    "ambulance": (
        r"(?:(?:call|need|send|calling) (?:me )?(?:an|the) ambulance|(?:should i call|called|calling) 911)",
        r"(?:necesito|llamen|llame|manden|llamar) (?:a )?(?:una |la )?ambulancia",
    ),
}


def _compiled(phrases: dict[str, tuple[str, ...]]) -> dict[str, re.Pattern[str]]:
    return {code: re.compile(f" (?:{'|'.join(each)})(?= )") for code, each in phrases.items()}


_CRISIS_PATTERNS = _compiled(_CRISIS)
_EMERGENCY_PATTERNS = _compiled(_EMERGENCY)


def screen(text: str) -> Screening:
    """Look for phrases of crisis and of medical emergency, in English and Spanish, in what a person wrote.

    When both are found the kind is `emergency`: a body in danger waits least. The codes name all of it.
    """
    plain = _plain(text)
    crisis = tuple(code for code, pattern in _CRISIS_PATTERNS.items() if pattern.search(plain))
    emergency = tuple(code for code, pattern in _EMERGENCY_PATTERNS.items() if pattern.search(plain))
    kind: Kind | None = "emergency" if emergency else "crisis" if crisis else None
    return Screening(kind=kind, codes=emergency + crisis)


# Apostrophes of every make, accents once they stand apart, and what cannot be seen: all vanish in a word.
_VANISHES = re.compile(
    "['\u2018\u2019\u201b\u02bc\u02b9\u0060\u2032\u0300-\u036f\u00ad\u200b-\u200f\u2060\ufeff]+"
)
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
# An apostrophe lost to a question mark, or typed as an accent that decomposes to a space: "don?t", "can´t".
_CUT_OFF = re.compile(r" (can|don|won|isn|didn|doesn|couldn|shouldn|hadn|wasn) t(?= )")


def _plain(text: str) -> str:
    """Reduce text to lower-case words of a-z and 0-9 with one space around each."""
    if "&" in text:
        text = html.unescape(text)  # some form tools send "can&#8217;t"
    text = _VANISHES.sub("", unicodedata.normalize("NFKD", text).casefold())
    return _CUT_OFF.sub(r" \1t", f" {_NOT_A_WORD.sub(' ', text).strip()} ")


# Short, because a text message may carry it, and in no phrase that `screen` knows: replies quote it back.
CRISIS_NOTICE: dict[str, str] = {
    "en": (
        "This inbox is not watched around the clock. In a medical emergency or danger call 911. "
        "If you are thinking of harming yourself, call or text 988, free, 24 hours "
        "(español: oprima 2 o envíe AYUDA)."
    ),
    "es": (
        "Este buzón no se atiende las 24 horas. En una emergencia médica o en peligro llame al 911. "
        "Si piensa en hacerse daño, llame al 988 y oprima 2, o envíe AYUDA por mensaje al 988: gratis, "
        "las 24 horas."
    ),
}


def notice(language: str) -> str:
    """Return the crisis notice in a language (`es`, `es-MX`), in English where there is none."""
    return CRISIS_NOTICE.get(language.replace("_", "-").partition("-")[0].lower(), CRISIS_NOTICE["en"])
