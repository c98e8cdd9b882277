"""python -m simulator: the same as `vendor-sim`."""

from simulator.cli import main

if __name__ == "__main__":
    main()
