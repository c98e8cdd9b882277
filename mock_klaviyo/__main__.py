"""python -m mock_klaviyo."""

from mock_klaviyo.cli import main

main()
