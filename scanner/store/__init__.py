"""The store: all SQL of the product. Nothing else speaks to the database."""

from scanner.store.register import Registration, Thumbnails
from scanner.store.store import Store

__all__ = ["Registration", "Store", "Thumbnails"]
