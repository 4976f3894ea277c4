"""systemd units for an agent, the hub and the embedded broker: restarted for ever, watched, and allowed little.

A device without a path under ``/dev`` in its sources sees no devices; one with them is in their groups. Memory that is
both writable and executable is not forbidden, because inference runtimes may generate code.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

ACCOUNT = "machikado"
WATCHDOG_S = 60
STATE_ROOT = "/var/lib/machikado"


class Unit(NamedTuple):
    """What differs between our services.

    Attributes:
        description: one line for ``systemctl status``.
        command: with an absolute path to the program.
        state: folder below /var/lib that it may write to, made by systemd.
        notifies: whether it speaks ``sd_notify`` and feeds the watchdog.
        devices: device nodes that it opens; with none it sees none.
        memory_max_mib: above it the service is ended and started again.
        after: further units to start after. Nothing waits for the network or the time to be there: a device with neither
            must start all the same.
        writable: folders beside the state that it may write to.
    """

    description: str
    command: str
    state: str
    notifies: bool = True
    devices: tuple[str, ...] = ()
    memory_max_mib: int = 256
    after: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()


def agent_unit(name: str, command: str, config: str, state_dir: str, devices: Iterable[str] = ()) -> str:
    """The unit of one device's agent; ``command`` is the absolute path of the ``machikado`` program."""
    return unit_text(
        Unit(
            description=f"machikado agent {name}",
            command=f"{command} agent run {config}",
            state=f"machikado/{name}",
            writable=() if state_dir == f"{STATE_ROOT}/{name}" else (state_dir,),
            devices=tuple(sorted(set(devices))),
        )
    )


def hub_unit(command: str, config: str, after: tuple[str, ...] = ()) -> str:
    """The unit of the hub; ``command`` is the absolute path of the ``machikado`` program."""
    return unit_text(
        Unit(
            description="machikado hub",
            command=f"{command} hub run {config}",
            state="machikado/hub",
            notifies=False,
            memory_max_mib=1024,
            after=after,
        )
    )


def broker_unit(command: str, config: str) -> str:
    """The unit of nats-server as the broker of a single machine; ``command`` is its absolute path."""
    return unit_text(
        Unit(
            description="machikado broker (nats-server)",
            command=f"{command} -c {config}",
            state="machikado/broker",
            notifies=False,
            memory_max_mib=512,
        )
    )


def unit_text(unit: Unit) -> str:
    """The text of a unit file."""
    after = " ".join(("network.target", *unit.after))
    return "\n".join(
        (
            "# Written by machikado; change it with `systemctl edit`, not here.",
            "[Unit]",
            f"Description={unit.description}",
            f"After={after}",
            "StartLimitIntervalSec=0",
            "",
            "[Service]",
            *_running(unit),
            "",
            *_HARDENING,
            *_devices(unit.devices),
            "",
            "[Install]",
            "WantedBy=multi-user.target",
            "",
        )
    )


def _running(unit: Unit) -> list[str]:
    notify = ["Type=notify", "NotifyAccess=main", f"WatchdogSec={WATCHDOG_S}"] if unit.notifies else ["Type=exec"]
    return [
        *notify,
        f"ExecStart={unit.command}",
        "Restart=always",
        "RestartSec=5",
        "TimeoutStopSec=20",
        f"User={ACCOUNT}",
        f"Group={ACCOUNT}",
        f"StateDirectory={unit.state}",
        "StateDirectoryMode=0700",
        "UMask=0077",
        *(f"ReadWritePaths={each}" for each in unit.writable),
        f"MemoryMax={unit.memory_max_mib}M",
        "TasksMax=128",
    ]


def _devices(devices: tuple[str, ...]) -> list[str]:
    """No device list of systemd's own: a converter that is plugged in later must be found without a restart."""
    if not devices:
        return ["PrivateDevices=yes", "PrivateUsers=yes"]
    groups = sorted({group for node in devices for start, group in _GROUPS.items() if node.startswith(start)})
    return [f"SupplementaryGroups={' '.join(groups)}"] if groups else []


_GROUPS = {
    "/dev/tty": "dialout",
    "/dev/serial": "dialout",
    "/dev/i2c": "i2c",
    "/dev/spidev": "spi",
    "/dev/gpiochip": "gpio",
    "/dev/video": "video",
}
"""Which group owns which device nodes on Debian and Raspberry Pi OS."""

_HARDENING = (
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "AmbientCapabilities=",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateMounts=yes",
    "ProtectHostname=yes",
    "ProtectKernelLogs=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelTunables=yes",
    "ProtectControlGroups=yes",
    "ProtectProc=invisible",
    "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "RestrictSUIDSGID=yes",
    "LockPersonality=yes",
    "RemoveIPC=yes",
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service",
    "SystemCallFilter=~@privileged",
    "# Reading whether the clock is synchronised is the same call as setting it, which needs a capability we gave away.",
    "SystemCallFilter=adjtimex clock_adjtime",
    "SystemCallErrorNumber=EPERM",
)
