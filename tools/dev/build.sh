# SPDX-License-Identifier: Apache-2.0
# Building with meson, and the environment of a built tree. Sourced by ./dev.

# ensure_build [meson option…]: configures when needed and compiles all; seconds when nothing changed.
ensure_build() { configured "$@"; compiled; }

# ensure_programs: only what a user runs, without the tests.
ensure_programs() { configured; compiled programs; }

configured() {
  ensure_environment
  if [ ! -f "$build/build.ninja" ]; then
    rm -rf "$build"
    inside meson setup "$build" "$here" "$@" >"$cache/setup.log" 2>&1 || {
      tail -n 20 "$cache/setup.log" >&2
      die "meson could not configure the build (log: $cache/setup.log)" "read the last lines above"; }
  fi
}

# compiled [target…]
compiled() {
  local log=$build/compile.log
  if [ -t 2 ]; then inside ninja -C "$build" "$@" || build_failed
  elif ! inside ninja -C "$build" "$@" >"$log" 2>&1; then
    grep -A12 -m3 -E 'FAILED|error:' "$log" >&2 || tail -n 20 "$log" >&2
    build_failed
  fi
}

build_failed() { die "the build failed" "the first error above says where; './dev build' again continues from there"; }

# The environment in which `pinxit`, the engine and the project's models are found, without installing anything.
# Engines of a build tree keep to themselves: their socket lies in the tree.
built() {
  inside env PINXIT_ENGINE="$build/engine/service/pinxit-engine" \
    PINXIT_MODEL_PATH="${PINXIT_MODEL_PATH:+$PINXIT_MODEL_PATH:}$here/models" \
    PINXIT_RUNTIME_DIR="${PINXIT_RUNTIME_DIR:-$(runtime_dir)}" \
    sh -c 'PATH=$1:$PATH; export PATH; shift; exec "$@"' sh "$build/engine/client/cli:$build/engine/service" "$@"
}

# A socket's path may have 107 bytes at most, so it is not in the (perhaps long) build folder itself.
runtime_dir() {
  local dir; dir=/tmp/pinxit-$(id -u)-$(printf %s "$build" | sha256sum | cut -c1-10)
  mkdir -p -m 700 "$dir"; echo "$dir"
}

# profile FOLDER: a private GIMP profile with the built plug-in in it.
profile() {
  mkdir -p "$1/plug-ins/pinxit"
  ln -sf "$build/plugin/pinxit" "$1/plug-ins/pinxit/pinxit"
  for module in "$build"/dialogs/*.so; do [ ! -e "$module" ] || ln -sf "$module" "$1/plug-ins/pinxit/"; done
  mkdir -p "$1/plug-ins/pinxit/locale"
  [ -f "$1/gimprc" ] || cat >"$1/gimprc" <<'RC'
(config-version "3.0.4")
(show-welcome-dialog no)
(check-updates no)
(color-profile-policy keep)
(metadata-rotation-policy rotate)
RC
}

# The peers' Python: PyTorch's wheel with CUDA is also a complete LibTorch, which `build --cuda` links against.
peers=$cache/peers
peer_torch() { echo "$peers"/lib/python3*/site-packages/torch; }
ensure_peers() {
  ensure_environment
  [ -f "$peers/.complete" ] && return 0
  say "fetching PyTorch with CUDA, onnxruntime and OpenVINO (3 GB, once)"
  rm -rf "$peers"; mkdir -p "$cache"
  inside sh -c 'python3 -m venv "$1" && "$1/bin/pip" install -q --no-cache-dir numpy pillow torch onnxruntime onnx openvino' \
    sh "$peers" >"$cache/peers.log" 2>&1 || {
      tail -n 5 "$cache/peers.log" >&2
      die "the peers could not be fetched (log: $cache/peers.log)" "check the network and disk space (8 GB)"; }
  touch "$peers/.complete"
}

build_cuda() {
  ensure_peers
  build=$here/build-cuda
  ensure_build -Dplugin=false -Dtests=false -Dlibtorch="$(peer_torch)"
  inside readelf -d "$build/engine/service/pinxit-engine" | grep -q libtorch_cuda ||
    die "the engine was not linked with CUDA" "this is a bug in engine/compute/meson.build"
  say "CUDA engine: $build/engine/service/pinxit-engine"
}
