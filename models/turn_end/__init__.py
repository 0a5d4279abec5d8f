"""Turn end: does what was said so far sound like the end of a turn?

In: the text of an utterance so far. Out: the features of `weights.json`, a hashed linear model read by
`asr.completeness`. Data, recipe and model card lie beside; `python -m models.turn_end.train` makes the weights anew.
May touch the standard library.
"""
