from chatter import Chatter, commands


class Module(Chatter):
    COMMANDS = commands("chatty")
