#!/usr/bin/env bash
# Install the real network elements that tests/peers talks to, unless they are there: OsmoHLR, from Debian's archive.
# No service is left running: tests start their own, on loopback addresses of their own.
set -euo pipefail

policy="/usr/sbin/policy-rc.d"
program="osmo-hlr"

if command -v "$program" >/dev/null; then
    echo "$program is there: $("$program" --version | head -n 1)"
    exit 0
fi
command -v apt-get >/dev/null || {
    echo "$program is missing and there is no apt-get: install osmo-hlr (Debian 12 has 1.5.0) in your system's own way" >&2
    exit 1
}
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "$program is missing: run this as root, or install sudo" >&2; exit 1; }
    as_root=(sudo)
fi

kept=""
restore() {
    if [ -n "$kept" ]; then
        "${as_root[@]}" mv -f "$kept" "$policy"
    else
        "${as_root[@]}" rm -f "$policy"
    fi
}
if [ -e "$policy" ] || [ -L "$policy" ]; then
    kept="$policy.before-install-peers"
    "${as_root[@]}" mv "$policy" "$kept"
fi
trap restore EXIT
# a package asks this file whether it may start its service: 101 is no
printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
"${as_root[@]}" chmod 755 "$policy"

install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends osmo-hlr)
"${as_root[@]}" "${install[@]}" || {
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" "${install[@]}"
} || {
    echo "apt-get could not install osmo-hlr: it is in Debian 12 (main) and Ubuntu (universe)" >&2
    exit 1
}
echo "$program is there now: $("$program" --version | head -n 1)"
