"""A program that calls Klaviyo with urllib3, which knows of no proxy."""

import urllib3

if __name__ == "__main__":
    headers = {"Authorization": "Klaviyo-API-Key pk_mine", "revision": "2026-07-15"}
    answer = urllib3.PoolManager().request("GET", "https://a.klaviyo.com/api/profiles", headers=headers)
    print(answer.json()["links"]["self"])
