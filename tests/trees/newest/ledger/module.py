"""Keeps a list in the module database, written to the newest interface."""

import errno
import json
import sqlite3
from typing import Tuple

from mgr_module import CLIRequiresDB, MgrModule, MgrModuleRecoverDB

from .cli import LedgerCLICommand


class Module(MgrModule):
    CLICommand = LedgerCLICommand

    # latest (if db does not exist)
    SCHEMA = [
        "CREATE TABLE Owner (name TEXT PRIMARY KEY) WITHOUT ROWID;",
        """
        CREATE TABLE Entry (
            item TEXT PRIMARY KEY,
            owner TEXT NOT NULL REFERENCES Owner (name),
            amount INTEGER NOT NULL DEFAULT 1
        );
        """,
    ]
    SCHEMA_VERSIONED = [
        [
            "CREATE TABLE Owner (name TEXT PRIMARY KEY) WITHOUT ROWID;",
            "CREATE TABLE Entry (item TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES Owner (name));",
        ],
        ["ALTER TABLE Entry ADD COLUMN amount INTEGER NOT NULL DEFAULT 1;"],
    ]

    @CLIRequiresDB
    @LedgerCLICommand.Write("ledger add")
    @MgrModuleRecoverDB
    def do_add(self, item: str, owner: str = "nobody", amount: int = 1) -> Tuple[int, str, str]:
        """Add an entry"""
        with self._db_lock, self.db:
            self.db.execute("BEGIN;")
            self.db.execute("INSERT OR IGNORE INTO Owner VALUES (?);", (owner,))
            self.db.execute("INSERT INTO Entry VALUES (?, ?, ?);", (item, owner, amount))
        return 0, "added", ""

    @LedgerCLICommand.Write("ledger borrow")
    @CLIRequiresDB
    @MgrModuleRecoverDB
    def do_borrow(self, item: str) -> Tuple[int, str, str]:
        """Add an entry of an owner that does not exist"""
        try:
            with self.exclusive_db_cursor() as cursor:
                cursor.execute("INSERT INTO Entry (item, owner) VALUES (?, 'stranger');", (item,))
        except sqlite3.IntegrityError as error:
            return -errno.EINVAL, "", str(error)
        return 0, "", ""

    @LedgerCLICommand.Read("ledger list")
    @CLIRequiresDB
    @MgrModuleRecoverDB
    def do_list(self) -> Tuple[int, str, str]:
        """Show all entries"""
        with self.exclusive_db_access() as db:
            rows = db.execute("SELECT item, owner, amount FROM Entry ORDER BY item;").fetchall()
        return 0, json.dumps([dict(row) for row in rows]), ""

    @LedgerCLICommand("ledger note")
    def do_note(self, key: str, value: str) -> Tuple[int, str, str]:
        """Keep a value"""
        self.set_kv(key, value)
        return 0, self.get_kv(key), ""
