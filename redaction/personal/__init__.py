"""Personal data in text: who somebody is, where he lives, how he is reached, what he pays with.

In: a text, one utterance or any other. Out: findings with kinds and, of numbers, values and checks. May touch:
`core.zh`,
word lists of its own, the dictionary of `rjieba`.

`finder` all of it behind `redaction.finding.Finder` · `numbers` runs of digits and what they are, `groups` what
they fall into · `kinds` the kinds of
number · `context` words that say what a number is for · `corrections` what is taken back while dictating · `dictation`
what an utterance says of numbers · `telling` numbers told over turns, `assembly` each of them, `beginnings` whether one
begins, `amends` what later digits do to it, `echoes` what the other side says of it · `plate`,
`email`, `addresses`, `names` the rest · `surnames`, `places` tables.
"""

from redaction.personal.finder import PersonalDataFinder
from redaction.personal.kinds import DEFAULT_ORDER_PATTERNS

__all__ = ["DEFAULT_ORDER_PATTERNS", "PersonalDataFinder"]
