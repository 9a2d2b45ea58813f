"""What the demo's people write and what staff note down. Invented; nobody's real words."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

_MESSAGES: Mapping[str, tuple[str, ...]] = {
    "magnesium": (
        "I read your article on magnesium and have a few questions. How long does a push take, and do I "
        "need a blood test first?",
        "My legs cramp at night and tablets upset my stomach. Is this something you would look at?",
        "How much is the magnesium push, and can I come after work? I am free from about 5:30.",
        "My sleep has been poor for months. My doctor said I could try magnesium. What would the first visit "
        "be like?",
        "Does the push hurt? I am a bit nervous about needles but would like to give it a try.",
        "I take a blood pressure medicine. Who would check whether that is a problem?",
        "Saw the magnesium article on my lunch break. Do you have anything this Saturday?",
        "I have been feeling low and tired. I know it is no cure, I would just like to talk to somebody.",
        "Can my sister and I come together? We both read the page.",
    ),
    "hydration": (
        "I work outside all day in the heat. How often do people come for the hydration drip?",
        "Coming back from a long flight on Thursday. Could I get a hydration drip on Friday morning?",
        "Is an hour realistic for hydration, door to door?",
        "Recovering from a stomach bug, my doctor says I may. Do you have a place this week?",
    ),
    "myers": (
        "Do you do the Myers’ cocktail at the North Austin location too?",
        "I had a Myers’ in Denver twice a year and just moved here. What do you need from me?",
        "Is there a price for a series of Myers’ cocktails?",
        "Can glutathione be added to the Myers’ on the same day?",
    ),
    "nad": (
        "How long do I have to sit for NAD+? I have small kids, so mornings only.",
        "What does a full NAD+ series cost? Your page says it depends.",
        "Is NAD+ done in one sitting or several?",
        "I would like to understand what the evidence for NAD+ really is before I spend that much.",
    ),
    "athletic": (
        "Half marathon on the 14th. When is the best time to come in, before or after?",
        "Our cycling club has six people who would come after the Hill Country ride. Is that possible?",
        "How soon after a race can I get the recovery drip?",
        "I train for a triathlon and get cramps on the long rides. Would like to book the athletic drip.",
    ),
    "iron": (
        "My doctor wrote an order for an iron infusion. Do you take Blue Cross?",
        "I have my lab results from last week. Who do I send the order to?",
        "Do you offer iron infusions, and does a nurse stay with me?",
    ),
    "services": (
        "What are your prices for a B12 shot? Do I need an appointment?",
        "Do you have gift cards? It is for my mother’s birthday.",
        "First timer here. I do not know what would suit me, can somebody call me?",
        "Which location has parking? I use a cane.",
        "Can I pay with my HSA card?",
        "I would like to come once a month. Is there a membership?",
    ),
    "es": (
        "Hola, leí su página. ¿Tienen a alguien que hable español?",
        "Quisiera saber el precio y si necesito cita.",
        "¿Puedo ir el sábado por la mañana? Trabajo entre semana.",
        "Mi hermana fue con ustedes y le gustó mucho. Me gustaría una cita.",
        "¿Cuánto dura la visita? Tengo que recoger a mis hijos a las tres.",
    ),
    "again": (
        "Just checking that you got my message.",
        "I forgot to say: mornings are better for me.",
        "Sorry, missed your call. I am free until noon.",
        "One more question: is there parking?",
    ),
    "spam": (
        "We can put your website on the first page of every search engine. Reply for our offer.",
        "Hello, do you need a business loan with no paperwork? Ask us today.",
    ),
    "wrong_place": (
        "Do you have my invoice from last month? I need it for my tax adviser.",
        "I am looking for a job as a nurse. Where can I send my papers?",
        "We deliver office plants. Who is responsible for this at your clinic?",
    ),
}

_NOTES: Mapping[str, tuple[str, ...]] = {
    "no_answer": ("", "", "Rang out", "Rang six times"),
    "voicemail": ("", "Left name and our number", "Said we try again tomorrow", "Short message, no details"),
    "busy": ("", "Line busy twice"),
    "emailed": (
        "Sent prices and times",
        "Asked for a phone number",
        "Answered the questions, offered three times",
    ),
    "spoke_interested": (
        "Wants to look at the calendar first",
        "Asked about the first visit, sounded keen",
        "Wants to bring a friend",
        "Prefers late afternoon",
        "Good talk. Will decide after payday",
    ),
    "spoke_thinking": (
        "Wants to ask the family doctor first",
        "Compares prices",
        "Away next week, will see after that",
        "Nervous about needles, sent them the page about the first visit",
    ),
    "call_back": ("At work, asked for a call later", "Driving, call back later"),
    "needs_nurse": ("Takes a medicine, wants to hear from the nurse", "Asked what is in the drip"),
    "booked": ("Picked the first free time", "Wanted this location", "Comes with a friend", ""),
    "wrong_number": ("Somebody else answers",),
    "do_not_contact": ("Asked us not to call again",),
    "not_interested": ("Only wanted to know the price", "Has changed plans"),
    "language_barrier": ("Spanish speaker needed",),
    "note": (
        "Prefers the chair by the window.",
        "Ask for Marisol at the front desk.",
        "Comes from work, may be ten minutes late.",
        "Would rather be texted than called.",
        "Has been to another clinic before.",
    ),
    "cancelled": ("Child is ill", "Has to work", "Feels unwell", "Travel plans changed"),
    "price": ("More than they wanted to spend",),
    "competitor": ("Has booked elsewhere",),
    "timing": ("Not before next season",),
    "distance": ("Lives an hour away",),
    "not_a_candidate": ("Nurse advised against it",),
    "insurance": ("Only with insurance",),
    "service_not_offered": ("Asked for something we do not do",),
    "no_response": ("Tried four times",),
    "other": ("Asked for something else entirely",),
}


def message(topic: str, rng: Random) -> str:
    """Draw what somebody wrote about a topic."""
    return rng.choice(_MESSAGES[topic])


def note(about: str, rng: Random) -> str:
    """Draw what staff noted about an outcome or a reason, "" when they noted nothing."""
    return rng.choice(_NOTES.get(about, ("",)))
