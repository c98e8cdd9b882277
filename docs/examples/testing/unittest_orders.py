"""The same without pytest: a mock in this process, for unittest and for scripts."""

import unittest

import requests

from mock_klaviyo import KlaviyoMock


class Orders(unittest.TestCase):
    """One server for all tests of the class, reset before each."""

    @classmethod
    def setUpClass(cls):
        """Start the mock; it takes a few milliseconds once its modules are loaded."""
        cls.klaviyo = cls.enterClassContext(KlaviyoMock())

    def setUp(self):
        """Forget what the test before has done."""
        self.klaviyo.reset()

    def test_a_profile_arrives(self):
        """What was created is there."""
        body = {"data": {"type": "profile", "attributes": {"email": "ana@shop.org"}}}
        requests.post(f"{self.klaviyo.url}/api/profiles", json=body, headers=dict(self.klaviyo.headers), timeout=10)

        self.klaviyo.expect(profile="ana@shop.org", count=1)


if __name__ == "__main__":
    unittest.main()
