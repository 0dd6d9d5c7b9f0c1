"""Who sells where: regions, divisions, people, dealers, stores."""
