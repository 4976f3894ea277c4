"""The serial line between a Pi and a microcontroller: framing, drivers, and the C half."""
