"""What mgr_module offers beside its base classes: constants and small types."""


def values(subject, expression):
    """What an expression is, in a module that has imported mgr_module as mm."""
    subject.eval("import mgr_module as mm")
    return subject.eval(expression)


# What mgr_module offers


def test_perf_constants(subject):
    """MgrModule has the types and priorities of performance counters."""
    assert values(
        subject,
        "{n: getattr(mm.MgrModule, n) for n in dir(mm.MgrModule)"
        " if n.startswith(('PERFCOUNTER', 'PRIO_')) or n in ('NONE', 'BYTES')}",
    ) == {
        "BYTES": 0, "NONE": 1, "PERFCOUNTER_COUNTER": 8, "PERFCOUNTER_HISTOGRAM": 16,
        "PERFCOUNTER_LONGRUNAVG": 4, "PERFCOUNTER_TIME": 1, "PERFCOUNTER_TYPE_MASK": -4,
        "PERFCOUNTER_U64": 2, "PRIO_CRITICAL": 10, "PRIO_DEBUGONLY": 0, "PRIO_INTERESTING": 8,
        "PRIO_UNINTERESTING": 2, "PRIO_USEFUL": 5,
    }  # fmt: skip


def test_log_priorities(subject):
    """ClusterLogPrio has five priorities."""
    expression = "[(p.name, p.value) for p in mm.MgrModule.ClusterLogPrio]"
    assert values(subject, expression) == [
        ("DEBUG", 0), ("INFO", 1), ("SEC", 2), ("WARN", 3), ("ERROR", 4),
    ]  # fmt: skip


def test_notify_types(subject):
    """NotifyType has seven types, which are text."""
    assert values(subject, "[t.value for t in mm.NotifyType if t == t.value == t.name]") == [
        "mon_map", "pg_summary", "health", "clog", "osd_map", "fs_map", "command",
    ]  # fmt: skip


def test_notify_type_shown(subject):
    """str() of a NotifyType is its qualified name."""
    assert values(subject, "str(mm.NotifyType.osd_map)") == "NotifyType.osd_map"


def test_pg_states(subject):
    """PG_STATES lists the states of a PG."""
    states = values(subject, "mm.PG_STATES")
    assert (len(states), states[0], states[-1]) == (34, "active", "wait")


def test_texts(subject):
    """mgr_module has the names and messages that modules share."""
    assert values(
        subject,
        "(mm.NFS_POOL_NAME, mm.NFS_GANESHA_SUPPORTED_FSALS,"
        " mm.ERROR_MSG_EMPTY_INPUT_FILE, mm.ERROR_MSG_NO_INPUT_FILE)",
    ) == (".nfs", ["CEPH", "RGW"], "Empty input file", "Input file not specified")


def test_crush_constants(subject):
    """CRUSHMap has two constants."""
    expression = "mm.CRUSHMap.ITEM_NONE, mm.CRUSHMap.DEFAULT_CHOOSE_ARGS"
    assert values(subject, expression) == (2147483647, "-1")


def test_handle_command_result(subject):
    """HandleCommandResult is a tuple of retval, stdout and stderr."""
    assert values(subject, "repr(mm.HandleCommandResult(1, stderr='x'))") == (
        "HandleCommandResult(retval=1, stdout='', stderr='x')"
    )


def test_command_result(subject):
    """CommandResult has a tag, "" by default, and a result that is 0 until it is complete."""
    assert values(subject, "mm.CommandResult('x').tag, mm.CommandResult().tag") == ("x", "")
    assert values(subject, "mm.CommandResult().r, mm.CommandResult().ev.is_set()") == (0, False)


def test_command_result_complete(subject):
    """complete() sets it and wakes wait()."""
    subject.eval("result = mm.CommandResult(); result.complete(-2, 'out', 'err')")
    assert subject.eval("result.wait()") == (-2, "out", "err")


def test_mon_command_failed(subject):
    """MonCommandFailed is a RuntimeError."""
    assert values(subject, "issubclass(mm.MonCommandFailed, RuntimeError)") is True


def test_reserved(subject):
    """CLICommand.KNOWN_ARGS are the parameters that are no arguments."""
    assert values(subject, "mm.CLICommand.KNOWN_ARGS") == ("_", "self", "mgr", "inbuf", "return")


def test_base(subject):
    """What a module does not override does nothing: serve, notify, config_notify, self_test."""
    assert values(
        subject,
        "(mm.MgrModule.serve(mgr), mm.MgrModule.notify(mgr, 'a', 'b'),"
        " mm.MgrModule.config_notify(mgr), mm.MgrModule.self_test(mgr))",
    ) == (None, None, None, None)


def test_base_can_run(subject):
    """A module can run unless it says otherwise."""
    assert values(subject, "mm.MgrModule.can_run()") == (True, "")


def test_base_handle_command(subject):
    """The base handle_command() raises NotImplementedError."""
    raised = values(subject, "mm.MgrModule.handle_command(mgr, '', {'prefix': 'x'})")
    assert subject.shows(raised.kind) == "NotImplementedError"


def test_option_names(subject):
    """MODULE_OPTIONS of a module end in the options that every module has."""
    assert subject.eval("[o['name'] for o in mgr.MODULE_OPTIONS][-4:]") == [
        "log_level", "log_to_file", "log_to_cluster", "log_to_cluster_level",
    ]  # fmt: skip


def test_module_name(subject):
    """A module knows its name."""
    assert subject.eval("mgr.module_name") == "probe"
