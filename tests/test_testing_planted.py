"""What the kit says of copies of the cross-mentoring with a fault that a municipality could have built in."""

from __future__ import annotations
