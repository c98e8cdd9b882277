"""A program of the tea house: events in and requests out, good or bad as its argument says."""

import json
import os
import sys


def main(how):
    print("tea program starts", file=sys.stderr)
    for line in sys.stdin:
        event = json.loads(line)["event"]
        request = {"method": "POST", "path": "/api/events", "body": {"cups": event["payload"]["cups"]}}
        if how == "url":
            request["body"] = {"url": os.environ.get("KLAVIYO_API_URL"), "key": os.environ.get("KLAVIYO_API_KEY")}
            request["body"]["argument"] = sys.argv[2]
        if how == "crash":
            raise ValueError("no tea today")
        if how == "slow":
            sys.stdin.read()  # until nobody is there any more
        if how == "error":
            print(json.dumps({"error": "no such kind of tea"}), flush=True)
        elif how == "text":
            print("hello", flush=True)
        elif how == "list":
            print(json.dumps([request]), flush=True)
        else:
            print(json.dumps({"requests": [request]}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
