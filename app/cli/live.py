"""`tingbanctl live`: captions of two devices, or of one, until the time is up or Ctrl+C."""

from __future__ import annotations

import argparse
from threading import Timer

HELP = "captions of two devices"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("live", help=HELP)
    parser.add_argument("--agent", metavar="DEVICE", help="microphone of the agent; `none` leaves the leg out")
    parser.add_argument("--customer", metavar="DEVICE", help="loopback of the customer; `none` leaves the leg out")
    parser.add_argument("--seconds", metavar="N", type=float, help="stop after so long")
    parser.add_argument("--model", metavar="NAME", help="weights to use (see `tingbanctl models list`)")
    parser.add_argument("--raw", action="store_true", help="the words as heard, unmasked")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print captions of the devices."""
    # The recogniser's libraries load only once the command is known to be theirs.
    from app.cli.captions import CaptionPrinter, note_unmasked
    from app.engine import load_engine
    from app.masking import NoMask, rule_mask
    from app.pipeline import follow
    from asr.sources.both import BothLegs
    from asr.sources.clock import CallClock
    from asr.sources.devices import open_leg, parse_spec
    from core.errors import BadInput
    from core.settings import Settings
    from core.types import LEGS

    settings = Settings.load()
    wanted = {
        "agent": args.agent or settings.audio.agent_device,
        "customer": args.customer or settings.audio.customer_device,
    }
    legs = [leg for leg in LEGS if wanted[leg] != "none"]
    if not legs:
        raise BadInput("Both legs are `none`.", remedy="Name a device for at least one.")
    for leg in legs:
        # A misspelt name is refused before the weights are loaded.
        parse_spec(wanted[leg], leg)
    masker = NoMask() if args.raw else rule_mask()
    engine = load_engine(settings, model=args.model)
    clock = CallClock()
    sources = [open_leg(wanted[leg], leg, clock) for leg in legs]
    source = BothLegs(sources[0], sources[1]) if len(sources) > 1 else sources[0]
    stop = Timer(args.seconds, source.close) if args.seconds else None
    note_unmasked(raw=args.raw)
    if stop:
        stop.daemon = True
        stop.start()
    try:
        follow(source, clock, engine, masker, CaptionPrinter(as_json=args.json).show)
    except KeyboardInterrupt:
        # The way to end a call here; what was heard has been written.
        return 0
    finally:
        source.close()
        if stop:
            stop.cancel()
    return 0
