"""Texts that mean something to SQL, templates, shells, spreadsheets or terminals, and a long one.

Add a text here when something new could take one for its own. Keep out where they are put.
"""

from __future__ import annotations

import random
import string

# One that no compression makes smaller, longer than an index of PostgreSQL can hold.
_LETTERS = string.ascii_letters + string.digits
LONG = "".join(random.Random(7).choices(_LETTERS, k=4_000))
HUGE = "".join(random.Random(8).choices(_LETTERS, k=1_000_000))
TEXTS = {
    "quotes": "O'Brien \"Ö\" ''; ``",
    "sql": "Robert'); drop table register.person; drop schema register cascade; --",
    "dollars": "$$ $1 $body$; rollback; $body$ ${x} %s %(name)s %% {0}",
    "escapes": "\\ \\\\ \\' \\N \\. E'\\x27' \\u0041 \\0 \\",
    "psql": "\\copy register.person to program 'id' \\! id",
    "controls": "\x01\x02\x07\x08\x1b[31m\x7f\x85\u2028\u2029 a\rb\nc\td\x0b\x0c",
    "directions": "\u202emoc.evil\u202c \u2066x\u2069 \u200e\u200f\ufeff\u200b",
    "beyond": "\U0001f600\U0010ffff\ufffe\uffff e\u0301\u0000"[:-1],
    "jinja": "{{ 7 * 7 }} {% raw %}{% include '/etc/passwd' %}{# x #} {{ var('x') }}",
    "json": '{"a": [1, null]} ","b":"c',
    "markup": "<script>alert(1)</script> &amp; [x](javascript:1) =HYPERLINK(\"http://x\")",
    "formula": "=cmd|' /C calc'!A0",
    "plus": "+1+cmd|' /C calc'!A0",
    "minus": "-2+3+cmd|' /C calc'!A0",
    "at": "@SUM(1+9)*cmd|' /C calc'!A0",
    "tab": "\t=1+1",
    "blank": " ",
    "null": "null",
    "long": LONG,
}  # fmt: skip
# What neither PostgreSQL nor Parquet can hold, spelt as JSON, and why it goes to quarantine.
UNHOLDABLE = {
    "nul": ('"a\\u0000b"', "a text holds the character NUL, which the register cannot hold"),
    "half": ('"a\\ud800b"', "the message holds what is not JSON"),
    "halves": ('"\\udc00\\ud800"', "the message holds what is not JSON"),
}
