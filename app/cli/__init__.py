"""`tingbanctl`: what the window does, in a terminal."""
