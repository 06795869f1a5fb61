# SPDX-License-Identifier: Apache-2.0
# Where commands run: on this system (Debian 13 or later, or PINXIT_NATIVE=1), or in a Debian 13 root of our own.
# Sourced by ./dev. Gives: ensure_environment, inside CMD…

packages() { sed 's/#.*//' "$here/tools/dev/packages.txt" | tr -s ' \n' '\n' | sed '/^$/d'; }
packages_stamp() { packages | sha256sum | cut -c1-12; }

system_is_recent() {
  [ "${PINXIT_NATIVE:-}" = 1 ] && return 0
  [ "${PINXIT_NATIVE:-}" = 0 ] && return 1
  . /etc/os-release
  [ "${ID:-}" = debian ] && { [ "${VERSION_ID:-99}" -ge 13 ] 2>/dev/null || [ -z "${VERSION_ID:-}" ]; }
}

inside_root() { [ "${PINXIT_INSIDE:-}" = 1 ]; }
root_dir() { echo "$cache/trixie"; }

# ensure_environment: after it, `inside` works. Seconds when everything is there.
ensure_environment() {
  inside_root && return 0
  if system_is_recent; then ensure_system_packages; else ensure_root; fi
}

ensure_system_packages() {
  local missing
  missing=$(packages | while read -r p; do
    dpkg-query -W -f='${db:Status-Status}\n' "$p" 2>/dev/null | grep -qx installed || echo "$p"; done)
  [ -z "$missing" ] && return 0
  say "installing $(echo "$missing" | wc -l) Debian packages"
  # shellcheck disable=SC2086
  as_administrator env DEBIAN_FRONTEND=noninteractive sh -c 'apt-get update -q && apt-get install -y -q --no-install-recommends "$@"' sh $missing >&2 ||
    die "the packages could not be installed" "run as an administrator: apt-get install --no-install-recommends $(echo $missing)"
}

as_administrator() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null; then sudo "$@"
  else die "this step needs an administrator" "run it as root, or install sudo"; fi
}

# --- the Debian 13 root ------------------------------------------------------------------------------------------

# The mirror this system itself installs from (so that proxies and local mirrors are honoured), else debootstrap's own.
system_mirror() { apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null | grep -v security | head -n1 || true; }

ensure_root() {
  local root stamp; root=$(root_dir); stamp=$(packages_stamp)
  [ "$(cat "$root/.pinxit-stamp" 2>/dev/null || true)" = "$stamp" ] && return 0
  mkdir -p "$cache"
  exec 8>"$cache/.root-lock"; flock 8
  if [ "$(cat "$root/.pinxit-stamp" 2>/dev/null || true)" != "$stamp" ]; then
    [ -e "$root/.pinxit-base" ] || make_base "$root"
    install_packages "$root"
    echo "$stamp" >"$root/.pinxit-stamp"
  fi
  flock -u 8; exec 8>&-
}

make_base() {
  local root=$1 mirror
  command -v debootstrap >/dev/null || {
    say "installing debootstrap"
    as_administrator sh -c 'apt-get update -q >/dev/null 2>&1; apt-get install -y -q --no-install-recommends debootstrap' >&2 ||
      die "debootstrap could not be installed" "install the package debootstrap and run this again"
  }
  mirror=$(system_mirror)
  say "making a Debian 13 root in $root (about two minutes, once)"
  [ -e "$root" ] && remove_root "$root"
  as_builder debootstrap --variant=minbase trixie "$root" $mirror >"$cache/debootstrap.log" 2>&1 || {
    tail -n 5 "$cache/debootstrap.log" >&2
    die "debootstrap failed (log: $cache/debootstrap.log)" "check the network and disk space (3 GB), then run this again"; }
  as_builder sh -c 'printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d"; chmod 755 "$1/usr/sbin/policy-rc.d"; touch "$1/.pinxit-base"; chmod a+rwx "$1"' sh "$root"
}

install_packages() {
  local root=$1
  say "installing GIMP 3, LibTorch and the rest in it"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
  apt-config dump 2>/dev/null | grep -E '^Acquire::(http|https|Check)[^ ]* "[^"]+' >"$root/etc/apt/apt.conf.d/80host" || true
  # shellcheck disable=SC2046
  as_builder "$here/tools/dev/enter" --system "$root" / env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 sh -c '
      set -e; apt-get update -q; apt-get install -y -q --no-install-recommends "$@"; apt-get clean' sh $(packages) \
      >"$cache/apt.log" 2>&1 || {
    tail -n 8 "$cache/apt.log" >&2
    die "packages could not be installed (log: $cache/apt.log)" "check the network and disk space (3 GB), then run this again"; }
}

# as_builder: with the rights that unpacking packages needs: root, or a user namespace with a range of ids (uidmap).
as_builder() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif unshare --map-root-user --map-auto true 2>/dev/null; then env container=lxc unshare --map-root-user --map-auto --mount "$@"
  else sudo -n true 2>/dev/null || say "a Debian 13 root needs an administrator once"; as_administrator "$@"; fi
}

remove_root() { as_builder rm -rf --one-file-system "$1"; }

# inside CMD…: runs it in the built environment, in the current folder, and passes its exit status on.
inside() {
  if inside_root || system_is_recent; then "$@"; return; fi
  local enter=("$here/tools/dev/enter" "$(root_dir)" "$PWD")
  if [ "$(id -u)" = 0 ]; then unshare --mount "${enter[@]}" "$@"
  elif unshare --map-root-user --mount true 2>/dev/null; then unshare --map-root-user --mount "${enter[@]}" "$@"
  else as_administrator unshare --mount "${enter[@]}" "$@"; fi
}
