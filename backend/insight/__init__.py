"""What the weighed facts add up to, per dealer."""
