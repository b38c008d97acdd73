"""Verdicts and records as text, tables, JSON and HTML. Values in, text out: no clock, no database, no network."""

from scanner.report.scanned import Scanned, of_record

__all__ = ["Scanned", "of_record"]
