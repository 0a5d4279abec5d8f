"""What several rooms know of Chinese: syllables and numerals.

In: strings. Out: strings, syllables, numbers with offsets in code points. Touches nothing: no files, no models.
"""
