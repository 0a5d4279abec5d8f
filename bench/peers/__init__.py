"""Other systems of live captions, each in an environment of its own, all fed and noted down in the same way.

In: one leg as a wave file, the weights' folder. Out: the lines `bench.score.Written` reads. What runs inside a peer's
environment imports the standard library, numpy and the peer, nothing of ours but `bench.peers.pace`.
"""
