"""Where no provider of sign-in is named, nothing that speaks to one is loaded."""

import subprocess
import sys

CODE = """
import sys
import screening.web.accounts.own_account
print(sorted({"authlib", "joserfc", "requests"} & set(sys.modules)))
import screening.web.accounts.oidc
print(sorted({"authlib", "joserfc", "requests"} & set(sys.modules)))
"""


def test_only_a_provider_loads_what_speaks_to_it() -> None:
    line = [sys.executable, "-c", CODE]
    ran = subprocess.run(line, capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines() == ["[]", "['authlib', 'joserfc', 'requests']"], ran.stderr
