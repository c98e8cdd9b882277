"""Recordings of real traffic: made by a proxy, persons and secrets masked, sent again."""
