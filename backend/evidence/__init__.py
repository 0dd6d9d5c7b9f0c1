"""How far what was handed in can be believed: photos, places, audits."""
