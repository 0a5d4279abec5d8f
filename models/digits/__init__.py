"""Digits: which digit words were spoken, and when, from the states of Whisper's encoder.

In: encoder states of one clip. Out: log probabilities of symbols, frame by frame (`digits.onnx`, read by
`asr.digit_head`). Data, recipe and model card lie beside; `bench/digit_speech.py` and
`bench/digit_states.py` make the speech and its states anew, `python -m models.digits.train` the weights. May touch the
standard library and numpy; the recipe torch, onnx and onnxruntime.
"""
