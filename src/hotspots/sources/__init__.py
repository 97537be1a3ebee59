"""Readers of what police and councils publish: files in, checked tables and a row account out."""
