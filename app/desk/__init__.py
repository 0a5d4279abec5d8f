"""The agent's docked panel.

In: masked captions and states. Out: requests. Never imports a model runtime or the store.
"""
