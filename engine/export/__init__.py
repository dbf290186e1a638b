"""Exports: trained networks for other programs, each verified before it gets its name."""

from engine.export.export import FORMATS, SAMPLES, Verified, export_model, format_of
from engine.export.format import Format

__all__ = ["FORMATS", "SAMPLES", "Format", "Verified", "export_model", "format_of"]
