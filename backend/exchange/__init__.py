"""How records leave and enter."""
