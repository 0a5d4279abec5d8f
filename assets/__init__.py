"""Files, found through `importlib.resources`: icons, font, translations, the sample call."""
