"""Functions that modules share; against upstream's own where that is installed."""

import importlib
import json
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from tests.api import house
from tests.conditions import poll_for


util = importlib.import_module("mgr_util")

# Expressions over `u`, a mgr_util. Upstream's doctests and edges of each range.
EXPRESSIONS = [
    "[u.format_bytes(n, 5) for n in (0, 1, 1023, 1024, 9999, 10**5, 5144, 1083637376, 10**15)]",
    "[u.format_dimless(n, 5) for n in (0, 7, 999, 9999, 10000, 123456, 10**9)]",
    "[u.format_bytes(n, 6, True) for n in (0, 5000, 10**7)]",
    "u.colorize('x', u.RED, True) + u.colorize('x', u.GREEN) + u.bold('y')",
    "u.merge_dicts({1: 2}, {3: 4}, {1: 5})",
    "u.build_url('example.com', 'https', 443, path='/metrics')",
    "[u.build_url(host='example.com', port=443), u.build_url('::1'), u.build_url('[::1]', port=80)]",
    "u.build_url('fce:9af7:a667:7286:4917:b8d3:34df:8373', port=80, scheme='http')",
    "[u.name_to_config_section(n) for n in ('rgw.a', 'osd.0', 'nfs.x', 'mgr', 'other', 'client.a')]",
    "[u.get_most_recent_rate(x) for x in (None, [], [(1, -2.0)], [(1, 2.0), (2, 1.5), (3, 5.0)])]",
    "u.get_time_series_rates([])",
    "u.get_time_series_rates([[0, 1]])",
    "u.get_time_series_rates([[0, 2], [0, 3], [0, 1], [1, 2], [1, 3]])",
    "u.get_time_series_rates([[1, 1], [2, 3], [4, 11], [5, 16], [6, 22]])",
    "u._filter_time_series([[10, 2], [10, 3]])",
    (
        "[u.to_pretty_timedelta(__import__('datetime').timedelta(seconds=s)) for s in "
        "(0, 119.9, 120, 7199, 7200, 172799, 172800, 1209600, 7257600, 63072000)]"
    ),
    "str(u.CephfsConnectionException(-2, 'gone')), u.CephfsConnectionException(-2, 'gone').to_tuple()",
]


@pytest.mark.ceph
def test_results_equal_upstreams():
    program = (
        "import sys, json; sys.path.insert(0, '/usr/share/ceph/mgr'); "
        "sys.path.append('/usr/lib/python3/dist-packages'); import mgr_util as u; "
        f"print(json.dumps([eval(e, {{'u': u}}) for e in {EXPRESSIONS!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    own = json.loads(json.dumps([eval(e, {"u": util}) for e in EXPRESSIONS]))
    assert dict(zip(EXPRESSIONS, own, strict=True)) == dict(
        zip(EXPRESSIONS, json.loads(done.stdout), strict=True)
    )


def test_a_recurring_timer_calls_until_cancelled():
    calls = []
    timer = util.RTimer(0.001, calls.append, args=(1,))
    timer.start()
    poll_for(lambda: len(calls) > 2, 5, "three calls")
    timer.cancel()
    timer.join(5)
    assert not timer.is_alive()


def test_a_lock_is_held_within_and_given_back_after_an_error():
    lock = threading.Lock()

    def fail_within():
        with util.lock_timeout_log(lock):
            assert lock.locked()
            raise KeyError

    with pytest.raises(KeyError):
        fail_within()
    assert not lock.locked()


def test_durations_below_two_of_a_unit_stay_in_the_smaller_one():
    assert util.to_pretty_timedelta(timedelta(hours=47)) == "47h"


def test_a_profiled_method_returns_what_it_returned(caplog):
    import logging

    class Thing:
        log = logging.getLogger("thing")

        @util.profile_method()
        def work(self, n):
            return n + 1

    with caplog.at_level(logging.DEBUG):
        assert Thing().work(1) == 2
    assert "Method work ran" in caplog.text
    assert Thing.work._execution_duration >= 0


def test_the_default_address_means_every_interface():
    assert util.get_default_addr() in ("::", "0.0.0.0")


@pytest.mark.ceph
def test_certificates():
    """In a process of its own, because only Debian's Python packages bring OpenSSL."""
    program = f"""
import sys, tempfile, os, logging
logging.basicConfig(level=logging.WARNING)
sys.path[:0] = [{house.API!r}, {str(house.ROOT)!r}]
sys.path.append('/usr/lib/python3/dist-packages')
import mgr_util as u
crt, key = u.create_self_signed_cert(dname={{'O': 'Ours', 'CN': 'here'}})
_, other = u.create_self_signed_cert()
u.verify_tls(crt, key)
def refused(call, *words):
    try:
        call()
    except u.ServerConfigException as error:
        assert all(word in str(error) for word in words), str(error)
    else:
        raise AssertionError(words)
refused(lambda: u.verify_tls('x', key), 'Invalid certificate')
refused(lambda: u.verify_tls(crt, 'x'), 'Invalid private key')
refused(lambda: u.verify_tls_files('', ''), 'no certificate configured')
refused(lambda: u.verify_cacrt(''), 'CA cert not configured')
with tempfile.TemporaryDirectory() as folder:
    c, k = os.path.join(folder, 'c'), os.path.join(folder, 'k')
    open(c, 'w').write(crt)
    refused(lambda: u.verify_tls_files(c, k), k, 'does not exist')
    open(k, 'w').write(key)
    u.verify_tls_files(c, k)
try:
    u.create_self_signed_cert(dname={{'X': 'y'}})
except ValueError as error:
    assert 'Valid DNAME fields are C, ST' in str(error)
print('matching', flush=True)
u.verify_tls(crt, other)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "matching\n"), done.stderr
    assert "do not match up" in done.stderr


@pytest.mark.ceph
def test_certificates_at_level_main():
    """Stricter than pacific's: what is expired or does not match is refused. Debian's OpenSSL."""
    program = f"""
import sys, tempfile, os
sys.path[:0] = [{house.API.replace("pacific", "main")!r}, {str(house.ROOT)!r}]
sys.path.append('/usr/lib/python3/dist-packages')
import mgr_util as u
from OpenSSL import crypto
crt, key = u.create_self_signed_cert(dname={{'O': 'Ours', 'CN': 'here'}})
_, other = u.create_self_signed_cert()
assert u.verify_tls(crt, key) in (3648, 3649), u.verify_tls(crt, key)
assert u.get_cert_issuer_info(crt) == ('Ours', 'here')
assert u.parse_combined_pem_file(key + crt) == (crt.strip(), key.strip())
old = crypto.load_certificate(crypto.FILETYPE_PEM, crt)
old.gmtime_adj_notBefore(-20)
old.gmtime_adj_notAfter(-10)
old.sign(crypto.load_privatekey(crypto.FILETYPE_PEM, key), 'sha512')
old = crypto.dump_certificate(crypto.FILETYPE_PEM, old).decode()
def refused(call, *words):
    try:
        call()
    except u.ServerConfigException as error:
        assert all(word in str(error) for word in words), str(error)
    else:
        raise AssertionError(words)
refused(lambda: u.verify_tls(crt, other), 'Private key and certificate do not match up')
refused(lambda: u.verify_cacrt_content(old), 'issued by "Ours/here" expired on')
refused(lambda: u.get_cert_issuer_info('x'), 'Invalid certificate')
folder = tempfile.mkdtemp()
file, pkey = os.path.join(folder, 'crt'), os.path.join(folder, 'key')
for path, text in ((file, old), (pkey, key)):
    with open(path, 'w') as out: out.write(text)
refused(lambda: u.verify_cacrt(file), 'Invalid certificate ' + file, 'expired')
refused(lambda: u.verify_tls_files(file, pkey), 'expired')
refused(lambda: u.verify_tls_files(file, pkey + 'x'), 'expired')
with open(file, 'w') as out: out.write(crt)
u.verify_tls_files(file, pkey)
refused(lambda: u.verify_tls_files(file, pkey + 'x'), 'private key', 'does not exist')
hashed = u.password_hash('secret')
assert hashed != 'secret' and u.password_hash('secret', hashed) == hashed
assert u.password_hash('wrong', hashed) != hashed and u.password_hash('') is None
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
