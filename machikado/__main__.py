"""``python -m machikado``."""

import sys

from machikado.main import main

sys.exit(main())
