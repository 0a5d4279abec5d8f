"""Where audio comes from: devices and files, all behind `core.protocols.AudioSource`.

In: a device or a media file. Out: `AudioFrame`s of one or both legs, 16 kHz mono float32, at most 100 ms each, on one
clock a call; spans that could not be captured as `Gap`s. May touch libpulse, PortAudio (through sounddevice) and PyAV;
never the recogniser.

    devices    what there is, and which back end opens a name such as `loopback:default`
    file       any media file, as fast as it goes or at real-time pace
    live       a device as a source; `ring` and `clock` are its two halves
    pulse      capture through libpulse (PulseAudio, PipeWire)
    portaudio  capture through sounddevice (Windows, macOS, plain ALSA)
    both       two sources of one leg each as one
"""
