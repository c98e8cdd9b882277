"""Flask: our own routes below /__mock."""
