"""`tingbanctl devices`: microphones and loopback devices there are now."""

from __future__ import annotations

import argparse
import json


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command to the parser of `tingbanctl`."""
    parser = commands.add_parser("devices", help="list microphones and loopback devices")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the devices, default ones first. Raises DeviceFault where there is nothing to ask, or nothing to hear."""
    from asr.sources.devices import list_devices
    from core.errors import DeviceFault

    devices = list_devices()
    if not devices:
        raise DeviceFault("There is no audio device.", remedy="Plug in a headset, or start the audio server.")
    for device in devices[: args.limit]:
        if args.json:
            row = {"id": device.id, "name": device.name, "kind": device.kind, "default": device.default}
            print(json.dumps(row, ensure_ascii=False))
        else:
            print(f"{'*' if device.default else ' '} {device.kind + ':' + device.id:<60} {device.name}")
    return 0
