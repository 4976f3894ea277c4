"""Who is known to the broker: the one file that the brokers' own files are written from.

Rules it keeps:
- The file is readable by its owner only, from its first byte on, and is replaced as a whole or not at all.
- Every device has its own secret; nobody's secret changes unless that is asked for.
- Writing the brokers' files again from the same register gives the same rules.

Its limit: it holds the secrets in clear, because nats-server compares them so. Whoever reads it can speak as any
device; it belongs on the broker's machine only.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from edge.contract.errors import TopicError
from provisioning import mosquitto, nats, nats_cluster
from provisioning.access import NODES_USER, User, rules_of
from provisioning.errors import ProvisioningError

RandomBytes = Callable[[int], bytes]
SECRET_BYTES = 24

REGISTER_FILE = "register.json"
MOSQUITTO_FILE = "mosquitto.conf"
MOSQUITTO_PASSWORDS = "mosquitto.passwords"
MOSQUITTO_ACCESS = "mosquitto.access"
NATS_FILE = "nats-server.conf"


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One user's secret in clear and its salt for Mosquitto, both in base64."""

    secret: str
    salt: str


class Register(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every user by name."""

    version: int = 1
    users: dict[str, Entry] = {}

    def all_users(self) -> list[User]:
        """The users with their rules, by name; the nodes of a cluster are none."""
        return [User(rules_of(name), entry.secret) for name, entry in sorted(self.users.items()) if name != NODES_USER]


def read_register(directory: Path) -> Register:
    """The register in ``directory``, an empty one when there is none.

    Raises:
        ProvisioningError: it cannot be read or is not a register.
    """
    path = directory / REGISTER_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Register()
    except OSError as problem:
        raise ProvisioningError(f"{path}: cannot be read: {problem.strerror}; run as its owner") from problem
    try:
        register = msgspec.json.decode(content, type=Register)
        register.all_users()
    except (msgspec.DecodeError, UnicodeDecodeError, TopicError) as problem:
        raise ProvisioningError(f"{path}: not a register: {problem}; restore it from a copy") from problem
    return register


def enrol(directory: Path, user: str, random_bytes: RandomBytes, renew: bool = False) -> str:
    """The secret of ``user``, made when there is none or when ``renew`` asks for a new one, and kept in the register.

    Raises:
        ProvisioningError: the register cannot be read or written, or the name is refused.
    """
    register = read_register(directory)
    try:
        rules_of(user)
    except TopicError as problem:
        raise ProvisioningError(str(problem)) from problem
    entry = register.users.get(user)
    if entry is None or renew:
        secret = base64.urlsafe_b64encode(random_bytes(SECRET_BYTES)).decode()
        salt = base64.b64encode(random_bytes(mosquitto.SALT_BYTES)).decode()
        entry = Entry(secret=secret, salt=salt)
        register = msgspec.structs.replace(register, users={**register.users, user: entry})
        text = json.dumps(msgspec.to_builtins(register), indent=1, sort_keys=True) + "\n"
        write_private(directory / REGISTER_FILE, text)
    return entry.secret


def write_mosquitto(directory: Path, settings: mosquitto.MosquittoSettings, owner: int | None = None) -> Path:
    """Write Mosquitto's passwords and access rules where ``settings`` name them, and its configuration beside the register.

    ``owner`` is the numeric account that Mosquitto runs as, when it is another than ours. Returns the configuration.

    Raises:
        ProvisioningError: a file cannot be read or written.
    """
    register = read_register(directory)
    salts = iter([base64.b64decode(register.users[each.rules.user].salt) for each in register.all_users()])
    passwords = mosquitto.password_file(register.all_users(), lambda _: next(salts))
    write_private(Path(settings.password_file), passwords, owner)
    access = mosquitto.access_file(each.rules for each in register.all_users())
    write_private(Path(settings.access_file), access, owner)
    path = directory / MOSQUITTO_FILE
    write_private(path, mosquitto.configuration(settings), owner)
    return path


def write_nats(directory: Path, settings: nats.NatsSettings) -> Path:
    """Write nats-server's configuration, users included, beside the register, and return its path.

    Raises:
        ProvisioningError: a file cannot be read or written.
    """
    path = directory / NATS_FILE
    write_private(path, nats.configuration(settings, read_register(directory).all_users()))
    return path


def write_nats_users(directory: Path, routes: Sequence[str]) -> Path:
    """Write what every node of a NATS cluster includes, beside the register, and return its path.

    Raises:
        ProvisioningError: a file cannot be read or written, or the nodes have no secret yet.
    """
    register = read_register(directory)
    nodes = register.users.get(NODES_USER)
    if nodes is None:
        raise ProvisioningError(f"{directory}: the nodes have no secret; run 'machikado provision nodes'")
    path = directory / nats_cluster.USERS_FILE
    write_private(path, nats_cluster.users_file(register.all_users(), nodes.secret, routes))
    return path


def write_private(path: Path, text: str, owner: int | None = None) -> None:
    """Replace a file by ``text``, readable by its owner only (mode 0600), as a whole or not at all.

    Raises:
        ProvisioningError: it cannot be written.
    """
    partial = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.unlink(missing_ok=True)
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if owner is not None:
            os.chown(partial, owner, -1)
        partial.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the entry itself: without it a power cut may bring the old file back
        finally:
            os.close(folder)
    except OSError as problem:
        raise ProvisioningError(f"{path}: cannot be written: {problem.strerror}; check folder and owner") from problem
