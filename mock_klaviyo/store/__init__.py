"""Where state lives: SQLAlchemy Core over SQLite; knows types, columns and links, not Klaviyo."""
