"""Breaks things by seed under load, and looks whether the promises hold."""
