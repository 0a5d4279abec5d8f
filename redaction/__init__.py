"""Redaction: insults and personal data leave the text before anyone reads it.

In: hypotheses and utterances as heard, any other text on its way to a screen or a disk. Out: the same text with chips
for what was found (`MaskedHypothesis`, `MaskedUtterance`), spans with kinds, and what was heard to the seal. May touch:
its own word lists. It runs in the recogniser's process, so that no unmasked text crosses a pipe; one engine serves
screen, exports and imports.

`finding` what a finder reports · `insults` and `personal` the finders · `joining` numbers over turns · `chips` what
stands in the text instead · `mask` all of it behind `core.protocols.Masker`.
"""
