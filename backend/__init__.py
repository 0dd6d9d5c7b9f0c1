"""The field-sales backend, one package per part of the trade."""
