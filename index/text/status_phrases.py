"""How Parliament words what is not an answer: the phrases that `index.text.status` looks for.

Everything here is matched against text in lower case with straight apostrophes and single spaces, one
sentence at a time. Each `Wording` has cues, plain strings one of which every match contains, so that a
regular expression runs only where it can match.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.text.date_forms import MONTHS, SEASONS


@dataclass(frozen=True, slots=True)
class Wording:
    """One kind of phrase: a cheap test and the pattern that decides."""

    cues: tuple[str, ...]
    pattern: re.Pattern[str]

    def may_be_in(self, low: str) -> bool:
        """Return whether `low` holds a cue."""
        return any(cue in low for cue in self.cues)

    def is_in(self, low: str) -> bool:
        """Return whether `low` is worded so."""
        return self.may_be_in(low) and self.pattern.search(low) is not None


def _worded(cues: str, pattern: str) -> Wording:
    """Return the wording with these cues, given with bars between them."""
    return Wording(tuple(cues.split("|")), re.compile(pattern))


# Whom an answer is addressed to: "the hon. Member", "my right hon. Friend", "him".
_MEMBER = (
    r"(?:the |my |both |our )?(?:(?:rt\.?|right|very|noble|gallant|learned|and) ?)*"
    r"(?:hon\b|honou?rable|member|gentleman|lady\b|lord\b|baroness|friend|noble|him\b|her\b|you\b|house\b)"
)
# What can be held or not.
_FACTS = (
    r"(?:information|data|dataset|figures?|statistics?|records?|details?|breakdowns?|estimates?|numbers?|totals?|"
    r"costs?|"
    r"answer|proportion|percentage|list|register|assessment|analysis|spend|expenditure|reasons?|log)"
)
_OBJECT = rf"\W+(?:[\w'’/()-]+\W+){{0,9}}?{_FACTS}\b"
_LACKING = (
    r"held|collected|collated|recorded|captured|available|kept|maintained|published|broken down|disaggregated|"
    r"identifiable|monitored|retained|gathered|aggregated|compiled|reported|tracked|stored|known|produced|"
    r"accessible|calculated|quantified|differentiated|categorised|separately identified|attainable"
)
_WHICH = (
    r"(?:(?:such|central|centrally held|official|specific|reliable|robust|comparable|current|recent|complete|"
    r"separate|single|"
    r"available|relevant|further|detailed|published|comprehensive|equivalent|disaggregated) )*"
)
_ADVERBS = r"(?:[a-z]+ly |yet |currently |also |in |therefore |now |itself )*"
_NOT_HELD = "|".join(
    (
        rf"\b{_FACTS}\b.*\b(?:is|are|was|were|been|be|being)(?: therefore| also)? (?:not|neither) {_ADVERBS}"
        rf"(?:centrally )?(?:{_LACKING})\b",
        r"\bnot (?:routinely |normally )?(?:held|collected|collated|recorded) (?:centrally|by the|in the form)",
        r"\bnot (?:centrally|routinely|readily|systematically|separately) (?:held|collected|collated|recorded|"
        r"available|"
        r"identif\w+|monitored)\b",
        rf"\b(?:do|does|did|would|has|have)(?: not|n't) (?:[a-z]+ ){{0,3}}?(?:hold|held)(?: (?:this|these|that|"
        r"it|them|such|"
        rf"any|centrally)\b(?! (?:meeting|discussion|talk))|{_OBJECT})",
        r"\b(?:do|does|did|has|have)(?: not|n't) (?:[a-z]+ ){0,3}?(?:collect|collate|record|capture|keep|monitor|"
        r"retain|gather|disaggregate|compile|categorise)(?:ed)?\b",
        rf"\b(?:do|does|did)(?: not|n't) (?:[a-z]+ ){{0,2}}?(?:(?:publish|produce|maintain|possess|provide){_OBJECT}|"
        rf"have (?:[a-z-]+ ){{0,3}}?{_FACTS}\b)",
        rf"\b(?:has|have|had|hold|holds|keep|keeps|there (?:is|are|were|was)) no {_ADVERBS}{_WHICH}"
        r"(?:information|data|figures|statistics|records?|breakdown)\b(?! shar)",
        r"\bno (?:[a-z-]+ ){0,2}(?:information|data|figures|statistics|records?|breakdowns?) (?:[a-z]+ ){0,6}?"
        r"(?:is|are|was|were) (?:[a-z]+ )?(?:held|collected|recorded|kept|available)",
        r"\bnot (?:currently |therefore |yet |unfortunately |"
        r"always )?(?:be )?possible (?:for [a-z ]{3,40})?to (?:[a-z]+ly )?"
        r"(?:determine|identify|provide|estimate|say|disaggregate|calculate|separate|distinguish|quantify|break|give|"
        r"isolate|extract|establish|produce|ascertain|state|answer|tell|list|differentiate|attribute|report)",
        r"\b(?:unable to|cannot|can not|could not) (?:therefore |currently |[a-z]+ly )?(?:provide|give|identify|"
        r"estimate|"
        r"determine|calculate|break|report|quantify|disaggregate|produce|answer|be (?:provided|identified|"
        rf"determined|estimated|calculated|disaggregated|quantified|separat\w+)){_OBJECT}",
        r"\b(?:information|data|figures|statistics|details|breakdown)\b.*\b(?:cannot|could not|"
        r"can not) (?:[a-z]+ly )?be "
        r"(?:provided|identified|determined|given|disaggregated|estimated|obtained|extracted|separated)",
        r"\b(?:no|not yet) estimate (?:is|was) (?:held|available)",
        r"\b(?:information|data|figures|statistics) (?:[a-z]+ ){0,8}?(?:is|are) (?:only )?(?:unavailable|"
        r"held locally)",
        r"\bnot (?:yet )?known\b",
    )
)
# "The cost limit" alone may be the topic: it needs a verb that refuses.
_COST = (
    r"\bdispropor\w+ (?:[a-z]+ ){0,4}?(?:costs?|expense|effort|time|resources?|burden on)\b(?! threshold)|"
    r"\b(?:without|not|unable).*\bproportionate (?:costs?|effort)\b|"
    r"\b(?:unable|exceed|cannot|within|not).*\bcosts? (?:limits?|threshold)\b|"
    r"\b(?:undue|prohibitive|excessive) (?:costs?|expense)\b.*\b(?:collat|obtain|compil|answer|provid)|"
    r"\b(?:collat|obtain|compil|answer|provid)\w*.*\b(?:undue|prohibitive|excessive) (?:costs?|expense)\b"
)
_PROROGATION = (
    r"\bin the time available before (?:the )?(?:prorogation|dissolution)|"
    r"\bnot (?:proved |been )?possible to (?:respond|reply|answer).*\b(?:prorogation|dissolution)\b"
)
_POINTED = (
    r"(?:answers?|repl(?:y|ies)|responses?|statements?|remarks|debate|letter|official report|columns?|questions?|uin|"
    r"pqs?|hcws|hlws|evidence|speech|report|announcement|press|guidance|publication|review|accounts?)"
)
# To another answer, to a statement, or to the published lists of ministers' meetings.
_REFERRAL = "|".join(
    (
        rf"\b(?:refer|direct|point|signpost|draw)(?:red|ed|ing|s)? (?:back |again )?(?:to )?{_MEMBER}",
        r"^(?:as above,? )?(?:please|i|we|can i|may i|i would|i also|i otherwise) (?:also |again |would |must )?"
        rf"(?:refer|see)(?: back)?(?: to)? .*\b{_POINTED}",
        r"^(?:the )?(?:answer|information|response)s? (?:to|requested|sought)\b.*\b(?:can be found|was (?:given|"
        r"provided|set out)|"
        r"is (?:set out )?in)\b.*\b(?:answer|repl|response|uin|pq|question)",
        r"\b(?:nothing|not|no) .*\badd to (?:the|my|that|his|her|our) (?:previous |earlier |original )?(?:answer|"
        r"repl|response|statement)",
        r"\bposition (?:remains|is|has not changed)[a-z ]* (?:as )?(?:set out|stated|outlined|from|"
        r"since)\b.*\b(?:answer|repl|response)",
        r"^(?:this question|the hon.*|i|we) (?:was |has been |have )?(?:already )?answered\b",
        r"^(?:details|information|records|lists?|data|departments|the government|ministers'?|"
        r"transparency)\b.*\b(?:meetings?|gifts|"
        r"hospitality|travel)\b.*\bpublish",
    )
)
_WILL_WRITE = "|".join(
    (
        r"\b(?:will|shall|hope to|intend to)(?: also| then| therefore| shortly| now)? (?:write|reply|respond) "
        rf"(?:back |again |directly |separately |shortly )*(?:to|with) (?!the (?:house|committee)){_MEMBER}",
        r"\btaking (?:[a-z]+ ){0,2}time to (?:collate|gather|collect|compile|prepare|assemble|obtain)",
    )
)
_PENDING = "|".join(
    (
        r"^(?:an?|the|my|this) (?:full |substantive )?(?:answer|reply|"
        r"response)\b[^.]{0,60}\b(?:is being prepared|will be "
        r"(?:provided|given|sent|made|issued))",
        r"\b(?:will|shall|hope to|intend to) (?:answer|reply to|respond to) (?:this|these|the|his|her|"
        r"your)(?: hon[a-z.]*)?"
        r"(?: members?'?s?'?)? ?(?:parliamentary )?questions?\b",
        r"\bnot (?:been |proved )?possible to (?:answer|reply|respond)\b.*\b(?:usual|normal|available|required|"
        r"deadline|timeframe)",
    )
)
# "In due course" puts an answer off only with a verb of telling: "will build it in due course" is a reply.
_TOLD = (
    r"(?:publish|announc|set(?:ting)? out|sets out|confirm|updat|respon[ds]|repl[yi]|details?\b|consult|decision|"
    r"launch|br(?:ing|ought)|introduc|outlin|"
    r"report|provid|la(?:y|id)\b|shar|determin|agree|inform|return|proposal|convene|writ|issue|say|communicat|"
    r"available|position|happen|happy)"
)
_LATER = (
    r"(?:in due course|shortly|very soon|as soon as|when (?:parliamentary )?time allows|in the near future|"
    r"at the earliest opportunity|at the appropriate time|in the (?:usual|normal) way)"
)
_SOON = (
    rf"\b{_TOLD}.*\b{_LATER}\b|\b{_LATER}\b.*\b{_TOLD}|"
    r"\b(?:matter for|subject to) (?:the )?(?:[a-z]+ )?(?:next|future|forthcoming|upcoming) "
)
# "A matter for the Government" refuses nothing, and "a matter for regret" is another phrase.
_OTHERS = (
    r"(?!(?:the |this |his majesty's |her majesty's |my )?(?:government|department|ministers|secretary of state|"
    r"chancellor)\b"
    r"|(?:regret|concern|debate|deep|(?:the |a )?(?:next|future|forthcoming|upcoming)))"
)
_NOT_MINISTER = "|".join(
    (
        r"(?<!which )(?<!as it )(?<!as this )\b(?:is|are|be|remains?|falls?|lies?)(?: therefore| rightly|"
        r" entirely| primarily| solely| ultimately)* "
        rf"(?:an? )?(?:[a-z]+ )?matters? for {_OTHERS}",
        r"\b(?:is|are|be|falls?|lies?)(?: therefore| entirely| primarily)* (?:within |"
        r"under )?the (?:[a-z]+ )?responsibility of",
        r"\b(?:i|we) have (?:therefore )?asked .{3,90}? to (?:reply|respond|write)\b|"
        r"\bhas been asked to (?:reply|respond|write)",
        r"\bquestions? (?:should|would|is|may) .{0,30}(?:directed|addressed|put|for) (?:to )?",
        r"\bis (?:entirely )?for (?:[\w' -]{3,70}) to (?:decide|determine|answer|consider|comment)\b",
        r"\b(?:are|is) (?:wholly |solely |locally |directly )?responsible for (?:commissioning|decisions|"
        r"determin|deciding|making)",
        r"\boutside (?:of )?(?:the|my|our) (?:remit|responsibilit|control)|\bhas no (?:direct )?(?:role|remit|"
        r"locus|responsibility)|"
        r"\bis (?:a )?(?:fully )?devolved\b",
    )
)
# Why things are not said.
_GROUNDS = (
    r"(?:security|confidential\w*|commercial\w*|sensitiv\w*|privacy|data protection|operational (?:reasons|security)|"
    r"legal proceedings|sub judice|personal information|identif\w+ individuals|"
    r"successive (?:administrations|governments)|"
    r"long-?standing|convention|prejudice|intelligence)"
)
_REFUSED = "|".join(
    (
        r"\b(?:do|does|will|can|could|would|should)(?: ?not|n't) (?:[a-z]+ ){0,3}?(?:comment|speculate|disclose|"
        r"be drawn|"
        r"give a running|provide a running|go into|confirm n?or deny)",
        r"\bcannot (?:[a-z]+ )?(?:comment|discuss|disclose|share|speculate)|"
        r"\bunable (?:to )?(?:[a-z]+ )?(?:comment|disclose|share)",
        r"\b(?:not (?:be )?|in)appropriate (?:for .{2,60}? )?to (?:[a-z]+ )?(?:comment|disclose|publish|discuss|"
        r"speculate|provide|"
        r"give|prejudge|pre-?empt|share|release|go into|reveal|set out|confirm)",
        rf"\b(?:for|due to|owing to|given|because of|reasons of|grounds of|as)\b[^.]{{0,80}}\b{_GROUNDS}\b.*"
        r"\b(?:not|unable|cannot|withh\w+)\b (?:[a-z]+ ){0,3}?(?:provid|disclos|publish|releas|issu|shar|giv|"
        r"discuss|comment|reveal|confirm)",
        r"\b(?:not|unable|cannot)\b (?:[a-z]+ ){0,3}?(?:provid|disclos|publish|releas|issu|shar|giv|reveal|"
        r"confirm)\w*\b.*"
        rf"\b(?:for|due to|owing to|because|reasons?|grounds|as)\b.*\b{_GROUNDS}",
        r"\bnot (?:normally|usually|routinely|generally|ordinarily) (?:disclose|release|made public|reveal|"
        r"publici|shared|discuss)",
        r"\bneither confirm nor deny|\bwithh(?:old|eld|olding)\b.*\b(?:information|detail|data|publication|"
        r"answer|security|interest)|"
        r"\bbeing withheld|\bexempt from (?:disclosure|release)|\b(?:policy|practice|"
        r"convention) (?:[a-z]+ ){0,6}?not to",
        r"\b(?:is|are|remains?|considered|deemed) (?:[a-z]+ )?(?:commercially (?:sensitive|confidential)|"
        r"commercial[- ]in[- ]confidence|"
        r"confidential)\b",
    )
)

# Erskine May 22.23: the standard text given when a session ends before an answer.
PROROGATION = _worded("prorogation|dissolution", _PROROGATION)
# Cabinet Office guidance: an answer may be refused as too costly, and must then say so.
COST = _worded("proportionate|cost limit|cost threshold|costs limit|costs threshold|prohibitive|undue|excessive", _COST)
REFUSED = _worded(
    "comment|disclos|confiden|commercial|withh|securit|sensitiv|appropriate to|appropriate for|confirm|speculat|share|"
    "not to|running|exempt|releas|prejud|privacy|protection|operational|proceedings|judice|personal info|"
    "individuals|successive|standing|convention|intelligence|drawn|go into|reveal|discuss|publici|made public",
    _REFUSED,
)
WILL_WRITE = _worded("will|shall|taking|hope to|intend to", _WILL_WRITE)
# Erskine May 22.23: a holding answer, given when the real one cannot be ready by the day due.
PENDING = _worded("answer|reply|response|respond", _PENDING)
REFERRAL = _worded("refer|direct|point|draw|see|answer|add to|position|meeting|gifts|hospitality|travel", _REFERRAL)
NOT_HELD = _worded("not |n't |neither|unable|cannot|no |unavailable|held locally", _NOT_HELD)
NOT_MINISTER = _worded(
    "matter|responsib|asked|question|is for |is entirely for |remit|devolved|has no|outside", _NOT_MINISTER
)
SOON = _worded(
    "due course|shortly|soon|time allows|near future|earliest|appropriate time|usual way|normal way|matter for|"
    "subject to",
    _SOON,
)

HELD_OVER = re.compile(r"\W*holding answer[\w ,]{0,30}\W*")
# "While this is not held, ...": what follows the comma may be content.
CONCESSION = re.compile(r"^(?:however, )?(?:while|whilst|although|though)\b[^,]*,")
# Values, courtesy, sources and footnotes.
PADDING = re.compile(
    r"^(?:holding answer|sources?\b ?:|notes?\b ?:|\(?\d{1,2}[.)] |\*|i (?:apologise|am grateful|thank)|"
    r"(?:the|this|we|our|his|her|it|my)\b.{0,50}\b(?:committed to|determined to|takes? .{1,90} seriously|"
    r"recognises?|plays? an? (?:vital|important|crucial|key)|priority)|everyone has a right)"
)
# Says where something is published, not what it says.
POINTER = re.compile(
    r"\b(?:published|available|found|accessed|viewed|set out)\b.*(?:\blinks?\b|website|gov\.uk|https?:|www\.|"
    r"\bhere\b|"
    r"\bonline\b|\blibrary\b|publication)|^\W*(?:https?:|www\.)\S+\W*$|^[\w\s,:()-]+ - gov\.uk\b"
)
_MONTHS = "|".join(MONTHS).lower()
# Digits that are no figure: links, dates, years, and the numbers of questions, papers and provisions.
REFERENCES = re.compile(
    rf"https?:\S+|www\.\S+|\b\d{{1,2}} ?(?:st|nd|rd|th)?(?: of)? (?:{_MONTHS})\b|\b(?:19|"
    rf"20)\d\d(?:[-/–]\d{{2,4}})?\b|"
    r"\b(?:questions?|uin|pqs?|hl|hcws|hlws|sections?|paragraphs?|articles?|schedule|columns?|tables?|"
    r"regulations?|chapter|pages?|"
    r"part|phase|level|stage|grade|category|tier|type|covid|recommendations?|answer)[ -]*(?:uin |numbers? |"
    r"no\.? )?\(?"
    r"(?:hl)?\d[\w/.-]*(?:(?:,| and| or) \d{3,6})*|\b\d+[- ](?:years?|months?|weeks?|days?|hours?)\b|\b[a-z]+\d+\b"
)
# Answers in themselves: yes, no, a table, "has made no assessment", "no plans".
GIVEN = re.compile(
    r"^(?:yes|no)\b[,.;–-]|\b(?:attached|following table|tables? below|in the table|placed in the library)\b|"
    r"\b(?:has|have) (?:therefore |currently )?(?:made no|not (?:yet )?(?:made|had|held|received|issued|"
    r"conducted|undertaken|"
    r"commissioned|discussed|met)|no (?:current |immediate )?(?:plans?|intention))\b|\bno (?:current )?plans\b|"
    r"\b(?:not have any|not) plan(?:s|ning)?\b|\bno (?:such |formal |specific )?(?:assessment|discussions|meetings)\b"
)
DIGIT = re.compile(r"\d")
WORD = re.compile(r"[^\W\d_][\w'-]*")
# What a question asks for.
WANTS_FACTS = re.compile(
    r"\b(?:how (?:many|much|often|long)|numbers?|proportion|percentage|costs?|averages?|totals?|amount|value|"
    r"rates?|estimate|"
    r"list|breakdown|expenditure|spent|spend|funding|budget)\b|(?:[,;)]|\band) (?:in )?which\b|"
    r"\bwhat (?:[\w']+ ){0,3}(?:data|information|statistics|figures|names?)\b"
)
WANTS_POLICY = re.compile(
    r"\b(?:what (?:[\w']+ ){0,3}?(?:steps|assessment|discussions|plans|progress|guidance|support|representations|"
    r"action|measures)|"
    r"if (?:he|she|they|the government|it) will (?!make (?:a statement|an? (?:[a-z]+ )?estimate)|list|estimate|"
    r"set out how|publish|place)|whether|why|reasons?)\b"
)
WANTS_DATE = re.compile(r"\b(?:when|timetable|timescale|timeline|timeframe|by what date)\b")
# Names a time to come, after a verb that looks there: "published on 12 May ... will follow" does not.
DATED = re.compile(
    r"\b(?:will|expect\w*|plan\w*|aim\w*|intend\w*|intention|due|hope|shall|would|schedul\w*|to be)\b.*"
    r"(?:\b(?:by|in|on|from|until|before|during)(?: the)?(?: end of| early| late)? (?:\w+ )?"
    rf"(?:{_MONTHS}|{'|'.join(SEASONS)}|20[2-9]\d)\b|\blater (?:this|next) year|\bnext (?:year|month|week))"
)
