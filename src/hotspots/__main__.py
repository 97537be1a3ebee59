"""Run the command line as ``python -m hotspots``."""

from hotspots.cli import main

if __name__ == "__main__":
    main()
