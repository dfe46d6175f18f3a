#!/usr/bin/env bash
# A real PostgreSQL 18 with pgvector for the tests, on any x86-64 Debian or Ubuntu, without installing anything into it:
# the packages of a newer Debian suite are unpacked into a folder and run with the C library that they bring along.
# Needs apt-get, dpkg-deb and, for root, setpriv; no root, container or service.
#
#   postgres.sh fetch                 unpacks the packages (103 MB, about 10 s; nothing to do the next time)
#   postgres.sh start DATA PORT [..]  makes the cluster DATA if it is not there and starts it on 127.0.0.1:PORT,
#                                     user postgres, no password; what follows goes to the server (-c name=value)
#   postgres.sh stop DATA
#   postgres.sh there                 says whether the packages are unpacked already
#   postgres.sh run PROGRAM [..]      any program of the packages: psql, pg_dump, pg_basebackup
#
# TEST_POSTGRES_HOME is the folder (a cache unless told otherwise), TEST_POSTGRES_SUITE the Debian suite.
set -euo pipefail

major=18
suites=${TEST_POSTGRES_SUITE:-forky sid}
# PostgreSQL refuses to run as root, and this user cannot look into root's home.
user=nobody
[ "$(id -u)" = 0 ] && cache=/var/cache || cache=${XDG_CACHE_HOME:-$HOME/.cache}
home=${TEST_POSTGRES_HOME:-$cache/embedding-studio/postgres-$major}
root=$home/root
programs=$root/usr/lib/postgresql/$major/bin

as_user() {
  if [ "$(id -u)" = 0 ]; then
    setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups env HOME=/tmp "$@"
  else
    "$@"
  fi
}

# apt with a state of its own, so that the machine's own lists and packages stay as they are.
private_apt() {
  local state=$1
  shift
  apt-get -qq -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
    -o Dir::State::status="$state/status" -o Dir::State::lists="$state/lists" \
    -o Dir::Cache="$state" -o Dir::Cache::archives="$state/archives" \
    -o APT::Sandbox::User=root -o APT::Architecture=amd64 -o APT::Install-Recommends=false \
    -o Acquire::Languages=none -o Acquire::Retries=3 -o Acquire::Check-Valid-Until=false \
    -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false "$@"
}

# Downloads the two packages and the libraries that they need, from the mirror that this machine uses anyway.
download() {
  local suite=$1 state=$2 mirror names
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 2>/dev/null | grep -v security | head -n 1 || true)
  [ -n "$mirror" ] || { echo "This machine has no Debian mirror configured." >&2; return 1; }
  rm -rf "$state"
  mkdir -p "$state/lists/partial" "$state/archives/partial"
  : >"$state/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$state/sources.list"
  private_apt "$state" update || return 1
  # The resolver names a whole system (a status without packages); kept are the servers, libraries and time zones,
  # without those that only installation scripts or other programs use.
  names=$(private_apt "$state" install -s "postgresql-$major" "postgresql-$major-pgvector" |
    awk '/^Inst/ { print $2 }' |
    grep -E "^postgresql(-client)?-$major(-pgvector)?\$|^lib|^tzdata\$|^zlib1g\$" |
    grep -vE '^lib(llvm|perl|apt|debconf|gdbm|db5|text|selinux|semanage|sepol|pam-|acl|attr|mount|blkid|smartcols|uuid|common|json-|locale|ipc|crypt1|proc2|gprofng|sframe|bfd)') || return 1
  grep -qx "postgresql-$major" <<<"$names" || return 1
  # shellcheck disable=SC2086 # one word per package
  (cd "$state/archives" && private_apt "$state" download $names)
}

unpack() {
  local packages=$1 package
  rm -rf "$root"
  mkdir -p "$root"
  for package in "$packages"/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --exclude='./usr/share/doc*' --exclude='./usr/share/man*' \
      --exclude='./usr/share/locale*' --exclude='./usr/share/i18n*' --exclude='./usr/share/gcc*' \
      --exclude='./usr/share/lintian*' --exclude='*/bitcode/*' --exclude='*/gconv/*'
  done
}

# Puts a script in the place of each program, which runs it with the loader and libraries of the folder.
wrap_programs() {
  local libraries=$root/usr/lib/x86_64-linux-gnu program name
  mv "$programs" "$programs.real"
  mkdir "$programs"
  for program in "$programs.real"/*; do
    [ "$(head -c 4 "$program" | tail -c 3)" = ELF ] || continue
    name=$(basename "$program")
    printf '#!/bin/sh\nexec "%s" --library-path "%s" --argv0 "%s" "%s" "$@"\n' \
      "$libraries/ld-linux-x86-64.so.2" "$libraries" "$programs/$name" "$program" >"$programs/$name"
    chmod 755 "$programs/$name"
  done
}

fetch() {
  local suite started=$SECONDS
  if [ ! -f "$home/ready" ]; then
    mkdir -p "$home"
    for suite in $suites; do
      download "$suite" "$home/apt" && break
      [ "$suite" != "${suites##* }" ] || { echo "PostgreSQL $major cannot be fetched." >&2; return 1; }
    done
    unpack "$home/apt/archives"
    wrap_programs
    rm -rf "$home/apt"
    chmod -R a+rX "$home"
    # The suite moves on; another major would be another test.
    "$programs/postgres" -V | grep -q " $major\." || { echo "This is not PostgreSQL $major." >&2; return 1; }
    echo "$("$programs/postgres" -V), pgvector $(grep -oP "default_version = '\K[^']+" \
      "$root/usr/share/postgresql/$major/extension/vector.control"), fetched in $((SECONDS - started)) s" >"$home/ready"
  fi
  cat "$home/ready"
}

start() {
  local data=$1 port=$2 attempt
  shift 2
  if [ ! -f "$data/PG_VERSION" ]; then
    mkdir -p "$data"
    [ "$(id -u)" != 0 ] || chown "$user" "$data"
    as_user test -w "$data" || { echo "$user cannot reach $data; open the folders above it (chmod a+x)." >&2; return 1; }
    (cd / && as_user "$programs/initdb" -D "$data" -U postgres -A trust -E UTF8 --no-sync \
      --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C) >/dev/null
  fi
  # After a kill -9 the old process may linger for a moment, and the server then refuses its lock file.
  for attempt in 1 2 3 4 5; do
    if (cd / && as_user "$programs/pg_ctl" -D "$data" -l "$data/log" -w -t 60 -s start \
      -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' $*") >/dev/null 2>&1; then
      return 0
    fi
    sleep 0.5
  done
  tail -n 20 "$data/log" >&2
  return 1
}

case ${1:-} in
  fetch) fetch ;;
  start) start "${@:2}" ;;
  there) [ -f "$home/ready" ] ;;
  stop) (cd / && as_user "$programs/pg_ctl" -D "$2" -m fast -w -s stop) ;;
  run) (cd / && as_user "$programs/$2" "${@:3}") ;;
  *) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
