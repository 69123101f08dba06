#!/usr/bin/env bash
# Install the real peers that tests talk to, unless they are there, from Debian's archive: OsmoHLR (tests/peers), Kannel,
# Net::SMPP and Node.js (tests/peers/smpp), PostgreSQL's server and PgBouncer (tests/peers/postgres.py, pgbouncer.py),
# and pcscd with virtual readers (tests/sim_readers) and what pyscard is compiled with. Then, with npm, what
# tests/peers/smpp/package-lock.json names, into .venv/peers.
# No service is left running: tests start their own, where nobody else sees them.
set -euo pipefail

PATH="$PATH:/usr/sbin" # where servers are, and where ordinary users do not look
policy="/usr/sbin/policy-rc.d"
clusters="/etc/postgresql-common/createcluster.d" # what is read when PostgreSQL is installed
checkout="$(cd "$(dirname "$0")/.." && pwd)"
wanted="$checkout/tests/peers/smpp"
javascript="$checkout/.venv/peers"
packages=(iproute2 osmo-hlr kannel libnet-smpp-perl nodejs npm pcscd vsmartcard-vpcd libpcsclite-dev gcc libc6-dev pkg-config
    postgresql pgbouncer)

# What tells that a package does its work: a program or a file, whoever installed it.
there() {
    case "$1" in
        osmo-hlr | gcc | pkg-config) command -v "$1" ;;
        iproute2) command -v ip ;;
        kannel) command -v bearerbox && command -v smsbox && command -v mtbatch ;;
        libnet-smpp-perl) perl -MNet::SMPP -e 1 ;;
        nodejs) node -e 'process.exit(Number(process.versions.node.split(".")[0]) < 18 ? 1 : 0)' ;;
        npm) npm --version ;;
        pcscd) command -v pcscd ;;
        vsmartcard-vpcd) [ -e /usr/lib/pcsc/drivers/serial/libifdvpcd.so ] ;;
        libpcsclite-dev) pkg-config --exists libpcsclite ;;
        libc6-dev) [ -e /usr/include/stdio.h ] ;;
        postgresql) postgres_is_there ;;
        pgbouncer) command -v pgbouncer ;;
    esac >/dev/null 2>&1
}

# The server's programs, version 14 or newer, in PATH or where Debian puts them.
postgres_is_there() {
    local found
    for found in "$(command -v postgres)" /usr/lib/postgresql/*/bin/postgres; do
        [ -x "$found" ] && [ -x "$(dirname "$found")/initdb" ] && [ -x "$(dirname "$found")/pg_basebackup" ] \
            && [ "$("$found" --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')" -ge 14 ] && return 0
    done
    return 1
}

missing=()

# Install what is missing; services are not started.
install_packages() {
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
    if [ -e "$policy" ] || [ -L "$policy" ]; then
        kept="$policy.before-install-peers"
        "${as_root[@]}" mv "$policy" "$kept"
    fi
    trap restore EXIT
    # a package asks this file whether it may start its service: 101 is no
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
    # "postgresql" depends on the version this system has, whose name differs from one to the next; what it would bring
    # besides, a cluster at the usual place, is neither made nor started: tests make theirs in directories of their own
    "${as_root[@]}" mkdir -p "$clusters"
    printf 'create_main_cluster = false\n' | "${as_root[@]}" tee "$clusters/zz-install-peers.conf" >/dev/null

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
}

restore() {
    "${as_root[@]}" rm -f "$clusters/zz-install-peers.conf"
    "${as_root[@]}" rmdir "$clusters" 2>/dev/null || true # unless somebody else uses it
    if [ -n "$kept" ]; then
        "${as_root[@]}" mv -f "$kept" "$policy"
    else
        "${as_root[@]}" rm -f "$policy"
    fi
}

# Whether the packages are those that package-lock.json names, and can be loaded.
javascript_is_there() {
    cmp -s "$wanted/package-lock.json" "$javascript/installed-lock.json" \
        && NODE_PATH="$javascript/node_modules" node -e 'require("smpp")' >/dev/null 2>&1
}

# As whoever runs this, never as root by sudo: they are files of the checkout. Scripts of packages are not run.
install_javascript() {
    mkdir -p "$javascript"
    cp "$wanted/package.json" "$wanted/package-lock.json" "$javascript"
    npm ci --prefix "$javascript" --ignore-scripts --no-audit --no-fund --loglevel=error || {
        echo "npm could not install what tests/peers/smpp/package-lock.json names: is its registry reachable?" >&2
        exit 1
    }
    cp "$wanted/package-lock.json" "$javascript/installed-lock.json"
    javascript_is_there || { echo "npm has installed, and still node cannot load the package smpp" >&2; exit 1; }
}

for package in "${packages[@]}"; do
    if there "$package"; then
        echo "$package is there"
    else
        missing+=("$package")
    fi
done
if [ "${#missing[@]}" -gt 0 ]; then
    install_packages
fi
if javascript_is_there; then
    echo "smpp for Node.js is there"
else
    install_javascript
    echo "smpp for Node.js is there now"
fi
