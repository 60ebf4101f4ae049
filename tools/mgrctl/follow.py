"""`module logs NAME [-n LINES] [-f]`: the end of a module's log, and what is added to it."""

import json
import sys
import time

from mgrctl.options import Options
from mgrctl.output import show
from mgrctl.session import Session


INTERVAL = 0.3


def follow(session: Session, options: Options) -> int:
    """Run `module logs`; with -f, until interrupted or until the log cannot be read."""
    words = list(options.words)
    if options.lines is not None:
        words += ["--lines", str(options.lines)]
    if not options.follow:
        return show(session.ask(words), options.output)
    # The position is asked for before the tail, so that no line is lost between the two. A line
    # written in that moment comes twice, and is cut off once.
    name = words[2:3]
    place = session.ask(["module", "logs", "read", *name])
    if place.retval < 0:
        return show(place, options.output)
    tail = session.ask(words)
    code = show(tail, None)
    news, shown = json.loads(place.stdout), tail.stdout.decode("utf-8", "replace")
    while not code:
        words = ["module", "logs", "read", *name, "--after", str(news["after"])]
        result = session.ask([*words, "--place", news["place"]])
        if result.retval < 0:
            return show(result, None)
        news = json.loads(result.stdout)
        if text := _without_overlap(shown, news["text"]):
            sys.stdout.write(text)
            sys.stdout.flush()
        if news["text"]:
            shown = ""
        time.sleep(INTERVAL)
    return code


def _without_overlap(shown: str, text: str) -> str:
    """`text` without the beginning that is the end of what was shown."""
    for size in range(min(len(shown), len(text)), 0, -1):
        if shown.endswith(text[:size]):
            return text[size:]
    return text
