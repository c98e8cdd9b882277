"""What lets programs that call https://a.klaviyo.com reach a server on this machine, with their code unchanged."""
