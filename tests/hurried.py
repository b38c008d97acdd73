"""`scanner watch` with shorter pauses, for tests: put before the command line of a daemon.

A delivery that failed is begun anew, and the bench gone through, every second or so instead of every half minute.
"""

import sys


def main() -> None:
    """Run the command that the arguments name, beginning at its word `watch`."""
    from scanner import daemon, engine
    from scanner.cli import main as scanner

    engine._PAUSE_SECONDS = 0.5
    engine._LONGEST_PAUSE_SECONDS = 2.0
    daemon._BENCH_SECONDS = 1.0
    sys.argv = ["scanner", *sys.argv[sys.argv.index("watch") :]]
    scanner()


if __name__ == "__main__":
    main()
