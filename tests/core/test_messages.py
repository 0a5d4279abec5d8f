from __future__ import annotations

from typing import get_args

import msgspec

from core import messages
from core.messages import Message


def test_every_message_of_the_module_can_be_framed() -> None:
    defined = {
        kind
        for kind in vars(messages).values()
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind.__module__ == messages.__name__
    }
    assert set(get_args(Message)) == defined


def test_tags_are_unique() -> None:
    tags = [kind.__struct_config__.tag for kind in get_args(Message)]
    assert len(set(tags)) == len(tags)


def test_messages_cannot_be_changed() -> None:
    assert all(kind.__struct_config__.frozen for kind in get_args(Message))
