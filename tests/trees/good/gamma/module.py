from peer import Peer, commands


class Module(Peer):
    COMMANDS = commands("gamma")
