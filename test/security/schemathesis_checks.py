"""What we ask of answers instead of schemathesis' own "a request that fits the schema is accepted".

That a cursor is one of ours, a password is strong or a day is in the calendar cannot be said in a schema: such requests
are refused with 400 and a code of their own. But what fits the schema is never refused for its shape.
"""

import schemathesis

OF_THE_SHAPE = {"invalid-request", "not-json", "bad-request"}


@schemathesis.check
def fits_the_schema_fits_us(ctx, response, case):
    if case.meta is None or not case.meta.generation.mode.is_positive or response.status_code != 400:
        return
    code = response.json().get("code")
    if code in OF_THE_SHAPE:
        raise AssertionError("what fits the schema is refused: " + response.text)
