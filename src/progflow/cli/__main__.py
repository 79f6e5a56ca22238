"""``python -m progflow.cli`` is the same as ``progflow``."""

from progflow.cli import main

if __name__ == "__main__":
    main()
