"""Logs: lines for machines (JSON) or for eyes (console). They carry numbers, never names, phones or words of members.

What is said to a logger is bounded by `mask`: values under the keys that hold members' things are
dropped, and whatever looks like a phone or an identity number is masked. An exception's message may
quote anybody, so of a traceback only the frames, the type and the ASCII outside quotes remain; the
same goes for what libraries log.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from typing import Literal, TextIO

# structlog loads rich where it finds it, to colour tracebacks; ours are never coloured (`_traceback`), and it is a
# long load. None stands for "no such module", for as long as structlog looks.
sys.modules.setdefault("rich", None)  # type: ignore[arg-type]
try:
    import structlog
    from structlog.typing import EventDict, WrappedLogger
finally:
    if sys.modules.get("rich") is None:
        sys.modules.pop("rich", None)

HIDDEN = "〈隐〉"
_PRIVATE = frozenset(
    {
        *("text", "folded", "words", "content", "name", "phone", "address", "openid", "user", "body", "filled", "held"),
        *("token", "secret", "password", "key", "access_token", "signature", "conversation", "profile"),
    }
)
# Dashes, dots and spaces inside are how people write them; an openid is 28 characters that begin with `o`.
_DIGITS = re.compile(
    r"(?<![0-9A-Za-z])(?:\+?86[- ]?)?1[3-9][0-9](?:[- .]?[0-9]{4}){2}(?![0-9])"
    r"|(?<![0-9A-Za-z])[1-9][0-9]{5}(?:18|19|20)[0-9]{2}[01][0-9][0-3][0-9][0-9]{3}[0-9Xx](?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-z])0[1-9][0-9]{1,2}-[0-9]{7,8}(?![0-9])"
)
_OPENID = re.compile(r"(?<![0-9A-Za-z_-])o[0-9A-Za-z_-]{27}(?![0-9A-Za-z_-])")
_IN_ADDRESS = re.compile(r"((?:access_token|secret|signature|openid)=)[^&\s\"']+")

# To the last @ of the address: a password that was not written as it should be may hold one itself.
_CREDENTIALS = re.compile(r"(://)[^\s\"'@:]{0,200}:[^\s\"']{0,500}@")

_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")

# What a line keeps of a long message: a batch's statement alone can be forty thousand characters.
_FIRST, _LAST = 800, 200

Shape = Literal["auto", "json", "console"]


def mask(value: object) -> object:
    """Return the value without phones, identity numbers, openids and secrets in addresses, however deep."""
    if isinstance(value, str):
        value = _CREDENTIALS.sub(rf"\1{HIDDEN}@", value)
        return _IN_ADDRESS.sub(rf"\1{HIDDEN}", _OPENID.sub(HIDDEN, _DIGITS.sub(HIDDEN, value)))
    if isinstance(value, Mapping):
        return {name: HIDDEN if str(name).lower() in _PRIVATE else mask(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [mask(inner) for inner in value]
    if value is None or isinstance(value, (bool, float)):
        return value
    shown = mask(str(value))
    return value if isinstance(value, int) and shown == str(value) else shown


def _private(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    del logger, method
    return {name: HIDDEN if name.lower() in _PRIVATE else mask(value) for name, value in line.items()}


def bare(message: str) -> str:
    """Return what of a foreign message is certainly nobody's words: ASCII outside quotes, masked."""
    return str(mask(_QUOTED.sub("'…'", _BEYOND_ASCII.sub("…", message))))


def _short(message: str) -> str:
    left_out = len(message) - _FIRST - _LAST
    return message if left_out <= 0 else f"{message[:_FIRST]} …({left_out} characters)… {message[-_LAST:]}"


def _traceback(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    """Write the exception as one line a frame, from the outermost call to the place where it was raised."""
    del logger, method
    given = line.pop("exc_info", None)
    if given is True:
        given = sys.exc_info()[1]
    error = given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        frames = (f"{at.filename}:{at.lineno} {at.name}" for at in traceback.extract_tb(error.__traceback__))
        line["exception"] = "\n".join([*frames, f"{type(error).__name__}: {_short(bare(str(error)))}"])
    return line


def _foreign(logger: WrappedLogger, method: str, line: EventDict) -> EventDict:
    del logger, method
    line["event"] = bare(str(line["event"]))
    return line


def _renderer(pretty: bool) -> structlog.typing.Processor:
    if pretty:
        return structlog.dev.ConsoleRenderer(colors=False)
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def set_up(shape: Shape = "auto", *, level: int = logging.INFO, to: TextIO | None = None) -> None:
    """Send every log line, ours and the libraries', through the mask to `to` (standard error)."""
    out = to or sys.stderr
    pretty = out.isatty() if shape == "auto" else shape == "console"
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.StackInfoRenderer(),
        _traceback,
        _private,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _foreign],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(pretty)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # One line a request says nothing that the metrics do not, and its address holds a signature.
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
