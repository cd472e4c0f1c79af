"""Settings that hold for every test: Hypothesis without a deadline, and reproducible where nobody watches."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("desk", deadline=None)
settings.register_profile("unattended", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("unattended" if os.environ.get("CI") else "desk")
