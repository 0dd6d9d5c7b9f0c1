"""The scenes of `scripts/phone_day`, and the phone they are played with."""
