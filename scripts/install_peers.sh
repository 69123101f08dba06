#!/usr/bin/env bash
# Install the real peers that tests talk to, unless they are there, from Debian's archive: OsmoHLR (tests/peers), and
# pcscd with virtual readers (tests/sim_readers) and what pyscard is compiled with.
# No service is left running: tests start their own, where nobody else sees them.
set -euo pipefail

policy="/usr/sbin/policy-rc.d"
packages=(osmo-hlr pcscd vsmartcard-vpcd libpcsclite-dev gcc libc6-dev pkg-config)

# What tells that a package does its work: a program or a file, whoever installed it.
there() {
    case "$1" in
        osmo-hlr | gcc | pkg-config) command -v "$1" ;;
        pcscd) PATH="$PATH:/usr/sbin" command -v pcscd ;;
        vsmartcard-vpcd) [ -e /usr/lib/pcsc/drivers/serial/libifdvpcd.so ] ;;
        libpcsclite-dev) pkg-config --exists libpcsclite ;;
        libc6-dev) [ -e /usr/include/stdio.h ] ;;
    esac >/dev/null 2>&1
}

missing=()
for package in "${packages[@]}"; do
    if there "$package"; then
        echo "$package is there"
    else
        missing+=("$package")
    fi
done
if [ "${#missing[@]}" -eq 0 ]; then
    exit 0
fi
command -v apt-get >/dev/null || {
    echo "missing, and there is no apt-get: install ${missing[*]} (named as in Debian 12) in your system's own way" >&2
    exit 1
}
as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { echo "missing: ${missing[*]}; run this as root, or install sudo" >&2; exit 1; }
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

install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}")
"${as_root[@]}" "${install[@]}" || {
    "${as_root[@]}" apt-get update -q
    "${as_root[@]}" "${install[@]}"
} || {
    echo "apt-get could not install ${missing[*]}: they are in Debian 12 (main) and Ubuntu (universe)" >&2
    exit 1
}
for package in "${missing[@]}"; do
    there "$package" || { echo "$package was installed, and still what it brings is not found" >&2; exit 1; }
    echo "$package is there now"
done
