"""What "as Debian's does" means for an answer of ours."""

import json
import re

from tests.deployment import questions


REFUSED = "ceph.deployment.hostspec.SpecValidationError"
# Where Debian's package lets Python's own words through, or prints one thing twice, ours says it
# better: the kind of error is the same.
PYTHONS = re.compile(r"^\w+: (?!.*(unexpected keyword argument|missing \d+ required))")
# What ours refuses and Debian's takes, to fail later or to do something else than was meant.
NARROWER = (
    "is given twice",
    "must stand beside spec",
    "must be a list, not",
    "Host got unknown field",
    "must be a string, not",
    "must be an object, not",
    "placement must be a placement",
    "limit must be an integer",
)


def disagreement(debians, name, *arguments):
    """What is wrong with our answer to a question, empty if it is as Debian's."""
    question = json.loads(json.dumps([name, arguments]))
    theirs = debians.answer(question)
    ours = json.loads(json.dumps(questions.answer(json.loads(json.dumps(question)))))
    if _plain(ours) == _plain(theirs) or _same_refusal(ours, theirs):
        return ""
    if "error" in theirs and REFUSED not in theirs["classes"]:
        # It breaks. Ours refuses, or does what was meant.
        fine = "value" in ours or REFUSED in ours["classes"] or ours["error"] == theirs["error"]
    else:
        fine = any(part in ours.get("text", "") for part in NARROWER)
    return "" if fine else f"{question}\n ours: {_short(ours)}\n theirs: {_short(theirs)}"


def _same_refusal(ours, theirs):
    if not (REFUSED in ours.get("classes", ()) and REFUSED in theirs.get("classes", ())):
        return False
    if PYTHONS.match(theirs["text"]):
        return True
    return all(_plain(ours[part]) == _plain(theirs[part]) for part in ("error", "errno", "text"))


def _plain(answer):
    # Debian's prints an enum's member with its class, and a limit both among others and at the end.
    # Of several unknown fields, each names one.
    text = json.dumps(answer).replace("SNMPVersion.", "")
    text = re.sub(r"(unexpected keyword argument|Feature) ['`]\w+['`]", r"\1", text)
    return re.sub(r"(limit=\d+, all=\w+), limit=\d+\)", r"\1)", text)


def _short(answer):
    return json.dumps(answer.get("value", answer))[:2000]
