"""JSON:API as Klaviyo speaks it: pure functions, no Flask, no database."""
