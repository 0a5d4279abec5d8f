"""What several rooms know of Chinese: syllables, numerals, the simplified script.

In: strings. Out: strings, syllables, numbers with offsets in code points. Touches no models, and no files but
OpenCC's tables.
"""
