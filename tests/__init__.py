"""Tests: stage/ starts the real servers and daemons; the rest use it."""
