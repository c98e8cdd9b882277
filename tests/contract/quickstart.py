import os

from klaviyo_api import KlaviyoAPI

klaviyo = KlaviyoAPI(os.environ["MOCK_KLAVIYO_API_KEY"], test_host=os.environ["MOCK_KLAVIYO_URL"])
klaviyo.Profiles.create_or_update_profile({"data": {"type": "profile", "attributes": {"email": "ana@example.org"}}})
print(klaviyo.Profiles.get_profiles(filter='equals(email,"ana@example.org")').data[0].attributes.email)
