"""`tingbanctl call`: tells a running window that a call begins or ends."""

from __future__ import annotations

import argparse
import json

from core.requests import CallState, CallStatus, RequestClient, StartCall, StopCall

HELP = "tell a running window that a call begins or ends"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the command."""
    parser = commands.add_parser("call", help=HELP)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    start = actions.add_parser("start", help="a call begins; nothing happens where one runs")
    start.add_argument("--number", default="", metavar="N", help="the other side's number")
    start.add_argument("--customer", default="", metavar="ID", help="the customer's id, where it is known")
    actions.add_parser("stop", help="the call ends")
    actions.add_parser("status", help="whether a call runs")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Ask the window and print the call as it then stands."""
    window = RequestClient("desk")
    match args.action:
        case "start":
            state = window.ask(StartCall(args.number, args.customer))
        case "stop":
            state = window.ask(StopCall())
        case _:
            state = window.ask(CallStatus())
    _print(state, as_json=args.json)
    return 0


def _print(state: CallState, *, as_json: bool) -> None:
    if as_json:
        row = {
            "running": state.running,
            "call_id": state.call_id,
            "seconds": round(state.seconds, 1),
            "trigger": state.trigger,
            "paused": state.paused,
        }
        print(json.dumps(row, ensure_ascii=False))
    elif state.running:
        print(f"call {state.call_id}, {state.seconds:.0f} s, begun by {state.trigger}{', paused' * state.paused}")
    else:
        print("no call")
