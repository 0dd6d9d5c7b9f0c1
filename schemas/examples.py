"""Ids that stand in many examples."""

SOME_VISIT = "5b0c7f5e-4c39-4a2f-9a35-0d7f6a3f1c10"
SOME_PAUSE = "3c6f1f0a-8f5f-4c1d-9d38-0f6f3f1c7a52"
SOME_PHOTO = "0b8fd8c2-95f1-4f5a-8a54-5c1b6f0f2d11"
SOME_CAPTURE = "WyIzZDM1MTAwMiIsdHJ1ZSwxMV0.Wh51yqCdMt-Kp0NvcxtHKZgKtGYsD6AxxWIiulvl6gA"
SOME_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
