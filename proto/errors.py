"""Everything that can be wrong with a message. Each class says whose fault it is and what to do."""


class ProtocolError(ValueError):
    """The peer's fault: what arrived is not what the contract says.

    The text is one sentence. Log it with the peer's name, answer `Error.PROTOCOL` where somebody
    waits, and drop the message; nothing of it may be used.
    """


class NotSerializable(TypeError):  # noqa: N818 - reads as what is wrong: "NotSerializable: args[1]..."
    """The sender's fault: a value that cannot cross a process, or one that is too large.

    The text names the place in the value ("args[1].handle: socket cannot cross a process").
    Nothing was sent. The module's author has to pass plain data instead.
    """
