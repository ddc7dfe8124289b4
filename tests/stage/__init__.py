"""Starts and stops the real servers and our daemons, and breaks them."""
from .cell import Cell
from .client import Events
from .process import StageError, free_port, wait
from .proxy import Proxy
from .stage import BIRTH, DAEMONS, Stage, shared_stage
