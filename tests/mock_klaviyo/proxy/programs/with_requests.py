"""A program that calls Klaviyo with requests."""

import requests

if __name__ == "__main__":
    headers = {"Authorization": "Klaviyo-API-Key pk_mine", "revision": "2026-07-15"}
    answer = requests.get("https://a.klaviyo.com/api/profiles", headers=headers, timeout=30)
    print(answer.json()["links"]["self"])
