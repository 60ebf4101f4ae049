"""The configuration file: what is accepted, and how what is not is refused."""

from pathlib import Path

import pytest

from supervisor.config import Config, ConfigError, ModuleConfig, Tree, load
from supervisor.core.grants import Additions, Base, Grants, Target
from supervisor.core.limits import Limits
from supervisor.core.roles import Members, Role


def _file(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "mgr.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_operators_are_users_and_groups_by_name_or_number(tmp_path):
    """Names become numbers when the file is read."""
    text = '[operators]\nadmin = ["root", 1042]\nread-only = ["@root", "@4711", "nobody"]\n'
    operators = load(_file(tmp_path, text)).operators
    assert operators.members == {
        Role.ADMIN: Members(frozenset((0, 1042))),
        Role.READ_ONLY: Members(frozenset((65534,)), frozenset((0, 4711))),
    }
    assert operators.others
    assert not Config().operators.others


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('admin = ["no-such-user"]', "there is no user 'no-such-user' on this machine"),
        ('operator = ["@no-such-group"]', "there is no group 'no-such-group' on this machine"),
        ('operator = [""]', 'a user name, a uid, "@group" or "@gid"'),
        ("read-only = [-1]", 'a user name, a uid, "@group" or "@gid"'),
        ("read-only = [true]", 'a user name, a uid, "@group" or "@gid"'),
        ('admin = "root"', "must be a list"),
        ('boss = ["root"]', "allowed are admin, operator, read-only"),
    ],
)
def test_operators_that_nobody_is_are_refused(tmp_path, line, why):
    """By a sentence that names the key and what is allowed."""
    with pytest.raises(ConfigError) as refused:
        load(_file(tmp_path, f"[operators]\n{line}\n"))
    assert "operators" in str(refused.value)
    assert why in str(refused.value)


def test_a_whole_file_is_read(tmp_path):
    """Every table ends up in the typed configuration."""
    config = load(
        _file(
            tmp_path,
            """
            [supervisor]
            mgr_id = "y"
            data_dir = "/srv/data"
            enable = ["hello"]
            start_timeout = 3
            log_max_size = 8192
            log_keep = 7
            [cluster]
            tick = 0.5
            ceph_conf = "/etc/ceph/ceph.conf"
            [sandbox]
            mode = "require"
            [[tree]]
            path = "/srv/modules"
            api = "supervisor"
            [[tree]]
            path = "/srv/newest"
            level = "main"
            [module.hello]
            start_timeout = 1.5
            environment = { LANG = "C" }
            deploy = true
            """,
        )
    )
    assert config.mgr_id == "y"
    assert config.data_dir == Path("/srv/data")
    assert config.enable == ("hello",)
    assert config.start_timeout == 3.0
    assert (config.log_max_size, config.log_keep) == (8192, 7)
    assert config.tick == 0.5
    assert (config.ceph_conf, config.ceph_keyring) == (Path("/etc/ceph/ceph.conf"), None)
    assert config.sandbox == "require"
    assert config.trees == (
        Tree(Path("/srv/modules"), "supervisor", "pacific"),
        Tree(Path("/srv/newest"), "auto", "main"),
    )
    assert config.module("hello").start_timeout == 1.5
    assert config.module("hello").environment == {"LANG": "C"}
    assert config.module("other").interpreter == ""
    assert config.may_deploy("hello", config.trees[0])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[supervisor]\nmgrid = 'x'", "unknown key 'mgrid' in [supervisor]; allowed are always_on"),
        ("[supervisor]\nlog_max_size = 100", "a number of bytes from 4096 on, or 0 for no limit"),
        ("[supervisor]\nlog_max_size = '64M'", "a number of bytes from 4096 on"),
        ("[supervisor]\nlog_keep = 0", "a number of files from 1 to 1000"),
        ("[supervisor]\nmgr_id = 3", "[supervisor] mgr_id = 3: must be a name"),
        ("[supervisor]\nmgr_id = 'a/b'", "must be a name without blanks or slashes"),
        ("[supervisor]\ndata_dir = 'relative'", "must be an absolute path"),
        ("[supervisor]\nenable = 'hello'", "must be a list"),
        ("[supervisor]\nenable = [1]", "a list of which each item is a name"),
        ("[supervisor]\nstart_timeout = 0", "must be a number of seconds above 0"),
        ("[supervisor]\nstart_timeout = true", "must be a number of seconds above 0"),
        ("[sandbox]\nmode = 'strict'", 'must be one of "require", "best-effort", "off"'),
        ("[nonsense]\n", "unknown table 'nonsense'"),
        ("[[tree]]\napi = 'auto'", "[[tree]] number 1 has no path"),
        ("[[tree]]\npath = '/x'\nlevel = 'squid'", 'must be one of "pacific", "main"'),
        ("[sandbox]\nuids = '70000'", 'must be "first-last", two uids at least'),
        ("[sandbox]\nuids = '70001-70000'", 'must be "first-last", two uids at least'),
        ("[sandbox]\nuids = '500-70000'", "from 1000 on"),
        ("[sandbox]\nuids = '60000-70000'", "without 65534 and 65535"),
        ("[tree]\npath = '/x'", "written as [[tree]] tables"),
        ("[module.a]\nmemory = 3", "unknown key 'memory' in [module.a]"),
        ("[module.a]\nenvironment = { A = 1 }", "must be a table of strings"),
        ("[module.a]\ndeploy = 'yes'", "[module.a] deploy = 'yes': must be true or false"),
        ("[module.a]\nlisten = [0]", 'a list of which each item is a port from 1 to 65535, or "*"'),
        ("[module.a]\nlisten = 80", "[module.a] listen = 80: must be a list"),
        ("[module.a]\nconnect = ['host']", 'each item is "host:port", where either may be "*"'),
        ("[module.a]\nconnect = ['host:x']", "each item is a port from 1 to 65535"),
        ("[module.a]\nconnect = [443]", 'each item is "host:port"'),
        ("[module.a]\nread = ['etc']", "a list of which each item is an absolute path"),
        ("[module.a]\nsubprocess = 1", "must be true or false"),
        ("[module.a]\ncalls = ['b']", 'a table of lists, like { progress = ["update"] }'),
        ("[module.a]\ncalls = { b = 'c' }", "a table of lists"),
        ("[module.a]\ncommands = ['']", 'a name or a pattern like "osd *"'),
        ("[module.a]\ngrants = 'all'", 'must be one of "shipped", "none"'),
        ("module = 3", "[module] must be a table"),
        ("supervisor = 3", "supervisor must be a table"),
        ("[supervisor", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, text, sentence):
    """A refusal names the file, the key and what is allowed."""
    file = _file(tmp_path, text)
    with pytest.raises(ConfigError) as refused:
        load(file)
    assert str(file) in str(refused.value)
    assert sentence in str(refused.value)


def test_grants_are_read(tmp_path):
    """Every key of a module's grants; paths for all modules count as the operator's, too."""
    config = load(
        _file(
            tmp_path,
            """
            [sandbox]
            read = ["/srv/all"]
            [cluster]
            ceph_conf = "/etc/ceph/ceph.conf"
            [module.web]
            grants = "none"
            listen = [9283, "*"]
            connect = ["db.example:5432", "*"]
            read = ["/srv/web"]
            write = ["/srv/spool"]
            subprocess = true
            librados = true
            calls = { progress = ["update", "fail"] }
            commands = ["osd *"]
            config = ["mgr/other/*"]
            [module.prometheus]
            listen = [9283]
            """,
        )
    )
    tree = Tree(tmp_path)
    assert config.module("web").grants.base is Base.NONE
    assert config.grants("web", tree) == Grants(
        listen=(9283, 0),
        connect=(Target("db.example", 5432), Target("*", 0)),
        read=("/srv/all", "/srv/web"),
        write=("/srv/spool",),
        subprocess=True,
        librados=True,
        calls={"progress": ("update", "fail")},
        commands=("osd *",),
        config=("mgr/other/*",),
    )
    origins = [
        (line.value, line.origin)
        for line in config.grant_lines("prometheus", tree)
        if line.key in ("listen", "read")
    ]
    assert origins == [("*", "shipped"), ("9283", "configuration"), ("/srv/all", "configuration")]


def test_librados_is_of_no_use_without_a_real_cluster():
    """So it opens no network either, until the operator names one."""
    tree = Tree(Path("/ours"), shipped=True)
    for conf, used in ((None, False), (Path("/etc/ceph/ceph.conf"), True)):
        granted = Config(ceph_conf=conf).grants("volumes", tree)
        assert (granted.librados, granted.network) == (used, used)


def test_who_may_deploy():
    """The shipped module that does nothing else, unless it is forbidden; whoever is allowed to."""
    config = Config(modules={"yes": ModuleConfig(grants=Additions(deploy=True))})
    no = Config(modules={"local_orchestrator": ModuleConfig(grants=Additions(deploy=False))})
    shipped, other = Tree(Path("/ours"), shipped=True), Tree(Path("/theirs"))
    assert config.may_deploy("local_orchestrator", shipped)
    assert not config.may_deploy("local_orchestrator", other)
    assert not config.may_deploy("hello", shipped)
    assert config.may_deploy("yes", other)
    assert not no.may_deploy("local_orchestrator", shipped)


def test_a_tree_of_the_command_line_may_name_its_level(tmp_path):
    """PATH is of pacific's level, PATH=main of the newest; a folder with "=" in its name is one."""
    odd = tmp_path / "a=b"
    odd.mkdir()
    assert Tree.from_argument("/srv/modules") == Tree(Path("/srv/modules"))
    assert Tree.from_argument("/srv/modules=main") == Tree(Path("/srv/modules"), level="main")
    assert Tree.from_argument(str(odd)) == Tree(odd)
    assert Tree.from_argument(f"{odd}=main") == Tree(odd, level="main")
    with pytest.raises(ConfigError) as refused:
        Tree.from_argument("/srv/modules=squid")
    assert str(refused.value) == (
        "--module-path /srv/modules=squid: the level is pacific or main, not 'squid'"
    )


def test_a_missing_file_is_a_sentence(tmp_path):
    """The operator learns which file and why."""
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load(tmp_path / "absent.toml")


def test_state_keeps_everything_in_one_folder(tmp_path):
    """--state puts data, run and log below one folder."""
    config = Config().under(tmp_path)
    assert {config.data_dir.parent, config.run_dir.parent, config.log_dir.parent} == {tmp_path}
    assert config.module_log("hello").name == "ceph-mgr.x.hello.log"


def test_a_socket_path_that_is_too_long_is_refused_before_anything_starts(tmp_path):
    """The kernel's limit is told with the path that breaks it."""
    with pytest.raises(ConfigError, match="too long for a unix socket"):
        Config().under(tmp_path / ("x" * 120)).check_socket_paths()


def test_files_for_librados_must_be_there(tmp_path):
    """A module would only learn of it at its first connection, and an operator from its log."""
    conf, absent = _file(tmp_path, "[global]"), tmp_path / "absent"
    Config().check_ceph_files()
    Config(ceph_conf=conf, ceph_keyring=conf).check_ceph_files()
    for config, sentence in (
        (Config(ceph_conf=absent), rf"\[cluster\] ceph_conf: {absent} is not there"),
        (Config(ceph_conf=conf, ceph_keyring=absent), rf"\[cluster\] ceph_keyring: {absent}"),
        (Config(ceph_keyring=conf), "ceph_keyring is of no use without ceph_conf"),
    ):
        with pytest.raises(ConfigError, match=sentence):
            config.check_ceph_files()


@pytest.mark.parametrize(
    "body",
    [
        "[supervisor]\nstart_timeout = " + "9" * 5000,
        "a = " + "[" * 5000,
        '[supervisor]\nrun_dir = "/a\\u0000b"',
    ],
    ids=["number", "nesting", "nul"],
)
def test_what_no_parser_likes_is_a_sentence_too(tmp_path, body):
    """Not a traceback of the TOML reader or of the first use."""
    file = tmp_path / "mgr.toml"
    file.write_text(body)
    with pytest.raises(ConfigError, match=r"mgr\.toml: "):
        load(file)


def test_a_folder_that_is_not_utf_8_is_refused():
    """Neither ZeroMQ nor a protobuf text can carry its name."""
    with pytest.raises(ConfigError, match="not UTF-8"):
        Config(run_dir=Path("/run/\udcff")).check_socket_paths()


def test_limits_of_a_module_are_those_of_all_but_for_its_own(tmp_path):
    """Numbers, and Ceph's suffixes; what is not named keeps its default."""
    config = load(
        _file(
            tmp_path,
            """
            [limits]
            memory = "1G"
            call_rate = 100
            log_rate = 0
            [module.hello.limits]
            memory = 104857600
            cpu_share = 20
            """,
        )
    )
    assert config.limits_of("other") == Limits(memory=1 << 30, call_rate=100, log_rate=0)
    assert config.limits_of("hello") == Limits(
        memory=100 << 20, call_rate=100, log_rate=0, cpu_share=20
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[limits]\nmemori = 1", "unknown key 'memori' in [limits]; allowed are call_rate, "),
        ("[limits]\nmemory = 5", "[limits] memory = 5: must be 67108864 to "),
        ('[limits]\nmemory = "1X"', "or 0 for no limit"),
        ('[limits]\nmemory = "-1G"', "or 0 for no limit"),
        ("[limits]\ncpu_share = 0", "must be 1 to 100 percent"),
        ("[limits]\nopen_files = true", "must be 64 to "),
        ("[limits]\nqueue_depth = 1.5", "must be 16 to "),
        ("[module.x.limits]\ncall_rate = 1", "[module.x.limits] call_rate = 1: must be 10 to "),
        ("[module.x]\nlimits = 3", "module.x.limits must be a table"),
        ('[limits]\nfile_size = "64M"', "at least 134217728, twice log_max_size"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(tmp_path, text, words):
    with pytest.raises(ConfigError) as refused:
        load(_file(tmp_path, text))
    assert words in str(refused.value)
