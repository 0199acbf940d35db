// The unit of the service, from one template. `systemd-analyze security` rates it; its exposure is in a test.

/** Where everything of the service is, on every machine. */
export const places = {
  user: "pricore",
  data: "/var/lib/pricore",
  settingsFolder: "/etc/pricore",
  settings: "/etc/pricore/pricore.env",
  unit: "/etc/systemd/system/pricore.service",
  sysctl: "/etc/sysctl.d/60-pricore.conf",
  /** Versions side by side, and `current`, a link to one of them. */
  programs: "/usr/local/lib/pricore",
  program: "/usr/local/lib/pricore/current/pricore",
  command: "/usr/local/bin/pricore",
};

/**
 * `lowPorts`: whether a port below 1024 is listened on, which an ordinary user may only with a capability.
 * The unit does not forbid memory that is written and then run: the engine's compiler needs that, and everything is
 * several times slower without it.
 */
export function unitText({ lowPorts }: { lowPorts: boolean }): string {
  const capabilities = lowPorts
    ? "AmbientCapabilities=CAP_NET_BIND_SERVICE\nCapabilityBoundingSet=CAP_NET_BIND_SERVICE"
    : "CapabilityBoundingSet=";
  return `[Unit]
Description=Pricore, a private Composer registry
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
User=${places.user}
Group=${places.user}
EnvironmentFile=${places.settings}
ExecStart=${places.program} serve
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=2
TimeoutStopSec=60
KillMode=mixed
StateDirectory=pricore
StateDirectoryMode=0700
ConfigurationDirectory=pricore
RuntimeDirectory=pricore
UMask=0077
LimitNOFILE=65536
${capabilities}
NoNewPrivileges=true
ProtectSystem=strict
ProtectHome=true
PrivateTmp=true
PrivateDevices=true
ProtectKernelTunables=true
ProtectKernelModules=true
ProtectKernelLogs=true
ProtectControlGroups=true
ProtectClock=true
ProtectHostname=true
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=true
RestrictRealtime=true
RestrictSUIDSGID=true
LockPersonality=true
RemoveIPC=true
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
`;
}
