"""A program that sends an event with Klaviyo's own SDK."""

from klaviyo_api import KlaviyoAPI

if __name__ == "__main__":
    klaviyo = KlaviyoAPI("pk_the_programs_own")
    metric = {"data": {"type": "metric", "attributes": {"name": "Placed Order"}}}
    profile = {"data": {"type": "profile", "attributes": {"email": "ana@shop.test"}}}
    attributes = {"metric": metric, "profile": profile, "properties": {"total": 12.5}}
    klaviyo.Events.create_event({"data": {"type": "event", "attributes": attributes}})
    print(klaviyo.Profiles.get_profiles().links.var_self)
