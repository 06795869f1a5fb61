#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Traces a whole local run (client, the engine it starts, one job, the engine's end when idle) and fails if any process
# opened a socket that is not a Unix socket.
#
#     no_network.sh ENGINE PROGRAM [ARGUMENTS…]     the program runs in a private folder
set -eu
engine=$(readlink -f "$1") program=$(readlink -f "$2")
shift 2
folder=$(mktemp -d /tmp/pinxit-trace-XXXXXX)
trap 'rm -rf "$folder"' EXIT
export PINXIT_RUNTIME_DIR="$folder/run" PINXIT_CONFIG_DIR="$folder/config" PINXIT_DATA_DIR_USER="$folder/data"
export PINXIT_ENGINE="$engine"
mkdir "$folder/config" "$folder/work"
printf '[engine]\nidle-minutes=0\n' > "$folder/config/settings.ini"

if ! command -v strace >/dev/null || ! strace -o /dev/null true 2>/dev/null; then
  echo "skipped: processes cannot be traced here"
  exit 77
fi
cd "$folder/work"
strace -f -e trace=execve,socket,socketpair -o "$folder/trace" "$program" "$@"
grep -q 'execve(.*--ready-fd' "$folder/trace" || { echo "the engine was not traced"; exit 1; }
grep -q 'socket(AF_UNIX' "$folder/trace" || { echo "no socket was traced"; exit 1; }
if grep 'socket(' "$folder/trace" | grep -v 'socket(AF_UNIX'; then
  echo "a local run opened the sockets above"
  exit 1
fi
echo "only Unix sockets: $(grep -c 'socket(AF_UNIX' "$folder/trace")"
