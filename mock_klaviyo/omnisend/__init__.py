"""Omnisend's event endpoint: the second destination of vendors that send to it too."""
