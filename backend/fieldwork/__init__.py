"""What salespeople hand in: visits, reports, photos, violations, plans."""
