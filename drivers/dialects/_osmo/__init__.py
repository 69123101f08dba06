"""What OsmoHLR is, whichever of its two interfaces is spoken: CTRL and VTY share everything here.

``holding`` says what it has a place for, ``writing`` how identities and keys are written, ``refusals`` what its texts
mean, ``turns`` keeps the answers of a simulated one in order.
"""
