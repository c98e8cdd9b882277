"""The page on which a person grants an app access to the account."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Allow {app}?</title></head>
<body>
<main>
<h1>Allow {app} to use {account}?</h1>
<p>It asks for:</p>
<ul>
{scopes}
</ul>
<form method="post" action="/oauth/authorize">
{fields}
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</form>
</main>
</body>
</html>
"""


def consent_page(app: str, account: str, scopes: list[str], asked: Mapping[str, str]) -> str:
    """The page, which sends on what was asked together with the decision."""
    fields = (f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in asked.items())
    return PAGE.format(
        app=escape(app),
        account=escape(account),
        scopes="\n".join(f"<li>{escape(scope)}</li>" for scope in scopes),
        fields="\n".join(fields),
    )
