# A program that calls Klaviyo with curl, and prints the `self` link of the answer.
curl --silent --show-error --fail -H 'Authorization: Klaviyo-API-Key pk_mine' -H 'revision: 2026-07-15' \
  https://a.klaviyo.com/api/profiles | sed 's/.*"self":"\([^"]*\)".*/\1/'
