"""Reflex states: each handler reads its event, calls one service, sets vars."""
