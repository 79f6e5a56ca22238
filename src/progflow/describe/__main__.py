"""``python -m progflow.describe``: write the generated sections of pages anew, or check them."""

import sys

from progflow.describe.pages import main

if __name__ == "__main__":
    sys.exit(main())
