"""Contracts from recorded traffic: what it shows, what has drifted from a contract, how two contracts differ."""
