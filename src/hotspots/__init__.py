"""Places where recorded crime keeps coming back, and maps that partners can act on."""

__version__ = "0.1.0"
