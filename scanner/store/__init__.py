"""The store: all SQL of the product. Nothing else speaks to the database."""

from scanner.store.judgings import KeptBack, LastChanges, ToSearch
from scanner.store.register import Registration, Thumbnails
from scanner.store.store import Store

__all__ = ["KeptBack", "LastChanges", "Registration", "Store", "Thumbnails", "ToSearch"]
