"""Verifies tokens as an application in another language does: from the issuer's name alone, by discovery and its keys.

Arguments: the issuer, the audience, the expected `typ`, a file with one token a line. Writes one line of JSON for each:
{"claims": {...}} or {"refused": "why"}.
"""

import json
import sys
from urllib.request import urlopen

from jwcrypto import jwk, jwt

issuer, audience, typ, tokens = sys.argv[1:]


def fetch(address):
    with urlopen(address, timeout=10) as answer:
        return answer.read()


discovered = json.loads(fetch(issuer + "/.well-known/openid-configuration"))
assert discovered["issuer"] == issuer, discovered["issuer"]
keys = jwk.JWKSet.from_json(fetch(discovered["jwks_uri"]))

for line in open(tokens):
    try:
        token = jwt.JWT(
            jwt=line.strip(),
            key=keys,
            algs=["ES256"],
            check_claims={"iss": issuer, "aud": audience, "exp": None, "iat": None, "sub": None},
        )
        header = json.loads(token.header)
        if header.get("typ", "JWT") != typ:
            raise ValueError("typ is " + header.get("typ", "JWT"))
        print(json.dumps({"claims": json.loads(token.claims)}))
    except Exception as error:
        print(json.dumps({"refused": type(error).__name__ + ": " + str(error)}))
