"""Functions that modules share, the newest release's. What it shares with pacific's lives in
`module_host.mgr`, what it has of its own in `module_host.mgr.main`.
"""

from module_host.mgr.cephfs_pool import (
    CephfsClient,
    CephfsConnectionException,
    CephfsConnectionPool,
    open_filesystem,
)
from module_host.mgr.certificates import ServerConfigException, create_self_signed_cert
from module_host.mgr.formats import (
    BLACK,
    BLUE,
    BOLD_SEQ,
    COLOR_DARK_SEQ,
    COLOR_SEQ,
    CYAN,
    GRAY,
    GREEN,
    MAGENTA,
    RED,
    RESET_SEQ,
    UNDERLINE_SEQ,
    YELLOW,
    bold,
    colorize,
    format_bytes,
    format_dimless,
    format_units,
    to_pretty_timedelta,
)
from module_host.mgr.main.certificates import (
    get_cert_issuer_info,
    parse_combined_pem_file,
    verify_cacrt,
    verify_cacrt_content,
    verify_tls,
    verify_tls_files,
)
from module_host.mgr.main.earmarks import CephFSEarmarkResolver
from module_host.mgr.main.places import (
    CLIWarning,
    PortAlreadyInUse,
    password_hash,
    test_port_allocation,
)
from module_host.mgr.places import build_url, get_default_addr, name_to_config_section
from module_host.mgr.rates import (
    _derivative,
    _filter_time_series,
    _pairwise,
    get_most_recent_rate,
    get_time_series_rates,
)
from module_host.mgr.timing import RTimer, lock_timeout_log, merge_dicts, profile_method


__all__ = [
    "BLACK",
    "BLUE",
    "BOLD_SEQ",
    "COLOR_DARK_SEQ",
    "COLOR_SEQ",
    "CYAN",
    "GRAY",
    "GREEN",
    "MAGENTA",
    "RED",
    "RESET_SEQ",
    "UNDERLINE_SEQ",
    "YELLOW",
    "CLIWarning",
    "CephFSEarmarkResolver",
    "CephfsClient",
    "CephfsConnectionException",
    "CephfsConnectionPool",
    "PortAlreadyInUse",
    "RTimer",
    "ServerConfigException",
    "_derivative",
    "_filter_time_series",
    "_pairwise",
    "bold",
    "build_url",
    "colorize",
    "create_self_signed_cert",
    "format_bytes",
    "format_dimless",
    "format_units",
    "get_cert_issuer_info",
    "get_default_addr",
    "get_most_recent_rate",
    "get_time_series_rates",
    "lock_timeout_log",
    "merge_dicts",
    "name_to_config_section",
    "open_filesystem",
    "parse_combined_pem_file",
    "password_hash",
    "profile_method",
    "test_port_allocation",
    "to_pretty_timedelta",
    "verify_cacrt",
    "verify_cacrt_content",
    "verify_tls",
    "verify_tls_files",
]
