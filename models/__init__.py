"""Weights and their passports.

In: a model's name. Out: a verified folder on disk. Weights are data: pinned by sha256, never unpickled, never imported.
May touch core.
"""
