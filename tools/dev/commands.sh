# SPDX-License-Identifier: Apache-2.0
# The commands of ./dev, one function each.

dev_help() {
  cat <<'TXT'
./dev COMMAND

  demo               style a photo in a real headless GIMP; prints the paths of the XCF and the PNG
  test [RING…]       build and test (rings: unit goldens gimp dialogs faults; default all)
    --long           also what takes long: 100 megapixels, 100 kills, the CUDA build
    gpu              engine only, with any LibTorch: CPU against CUDA (PINXIT_LIBTORCH=folder, or a Python with torch)
  build [--cuda]     build; --cuda: the engine against PyTorch's CUDA wheels
  bench [NAME]       fast-style, neural-style, cpu or text: speed and memory beside PyTorch, onnxruntime, OpenVINO and G'MIC; --json for machines
  sheet [OPTION…]    Neural Style results side by side: pairs, presets, encoders; prints the sheets' paths
  gimp [ARG…]        GIMP with the plug-in, on your display
  run CMD…           a command in the built environment, such as: ./dev run pinxit styles
  shell              a shell there
  setup              only the environment
TXT
}

dev_setup() { ensure_environment; say "the environment is ready"; }
dev_shell() { ensure_environment; built "${PINXIT_SHELL:-bash}" "$@"; }

# A command that is one of ours finds the programs built; others need the environment only.
dev_run() {
  [ $# -gt 0 ] || die "nothing to run" "./dev run CMD…"
  case "$1" in pinxit|pinxit-engine|gimp*) ensure_programs ;; *) ensure_environment ;; esac
  built "$@"
}

dev_build() {
  if [ "${1:-}" = --cuda ]; then shift; build_cuda; return; fi
  ensure_build "$@"
  say "built in $build"
}

dev_gimp() { ensure_programs; profile "$build/gimp-profile"; built env GIMP3_DIRECTORY="$build/gimp-profile" gimp-3.0 "$@"; }

dev_test() {
  local long='' rings=()
  for argument; do
    case "$argument" in
      --long) long=1 ;;
      gpu) exec "$here/tests/gpu/run" ;;
      unit|goldens|gimp|dialogs|faults|layers) rings+=(--suite "$argument") ;;
      *) die "unknown ring '$argument'" "choose among unit, goldens, gimp, dialogs, faults, layers, gpu, or --long" ;;
    esac
  done
  ensure_build
  if [ -n "$long" ]; then compiled meson-test-prereq; else rings+=(--no-suite long); fi
  local status=0
  built env PINXIT_LONG="$long" meson test -C "$build" --no-rebuild --print-errorlogs --num-processes "${PINXIT_TEST_JOBS:-2}" "${rings[@]}" || status=$?
  if [ -n "$long" ] && [ ${#rings[@]} -eq 0 ]; then (build_cuda && cuda_answers) || status=1; fi
  inside python3 "$here/tools/dev/summary.py" "$build/meson-logs/testlog.json" || status=1
  return $status
}

# Without a GPU the CUDA engine paints on the CPU and refuses cuda with a hint.
cuda_answers() {
  inside python3 "$here/tests/gpu/cuda_engine_without_gpu.py" "$here/build-cuda/engine/service/pinxit-engine" \
    "$build/engine/client/cli/pinxit" "$here/models" "$here/models/fast-style/great-wave/thumbnail.jpg"
}

dev_sheet() {
  ensure_programs
  built /usr/bin/python3 "$here/tools/dev/sheet.py" "$build/sheet" "$(readlink -f "$here/../shared")" "$@"
}

dev_demo() {
  ensure_programs
  local out=$build/demo photo=${1:-}
  profile "$out/profile"
  [ -n "$photo" ] || photo=$(demo_photo)
  built env GIMP3_DIRECTORY="$out/profile" PINXIT_DEMO_PHOTO="$photo" PINXIT_DEMO_OUT="$out" \
    "$here/tools/dev/demo.sh"
}

# A photo: the reference set's where it lies beside the checkout, else one from the environment's packages.
demo_photo() {
  local shared=$here/../shared/images/content/kodim19.png
  if [ -f "$shared" ]; then readlink -f "$shared"; else echo package; fi
}

dev_bench() {
  ensure_peers; configured
  compiled programs tests/bench/bench_worker tests/bench/cpu_worker tests/bench/neural_bench tests/bench/text_worker
  built "$peers/bin/python3" "$here/tests/bench/bench.py" "$@"
}
