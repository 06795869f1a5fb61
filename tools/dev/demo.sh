#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo, inside the environment: GIMP opens a photo, runs Fast Style, saves an XCF with both layers and a PNG.
set -eu
photo=$PINXIT_DEMO_PHOTO out=$PINXIT_DEMO_OUT
[ "$photo" != package ] || photo=$(find /usr/share/backgrounds/mate/nature -name '*.jpg' | sort | head -n 1)
[ -f "$photo" ] || { echo "no photo at $photo" >&2; exit 1; }
style=${PINXIT_DEMO_STYLE:-great-wave}
xcf=$out/fast-style.xcf png=$out/fast-style.png
rm -f "$xcf" "$png"
quoted() { printf '%s' "$1" | sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/"/'; }
status=0
gimp-console-3.0 -i -d -f --quit --batch-interpreter=plug-in-script-fu-eval -b "(begin (script-fu-use-v3)
  (let* ((image (gimp-file-load RUN-NONINTERACTIVE $(quoted "$photo")))
         (photo (vector-ref (gimp-image-get-selected-drawables image) 0)))
    (plug-in-pinxit-fast-style #:run-mode RUN-NONINTERACTIVE #:image image #:drawables (vector photo) #:style $(quoted "$style"))
    (gimp-file-save RUN-NONINTERACTIVE image $(quoted "$xcf"))
    (gimp-file-save RUN-NONINTERACTIVE image $(quoted "$png"))))" >"$out/gimp.log" 2>&1 || status=$?
if [ $status -ne 0 ] || [ ! -s "$xcf" ] || [ ! -s "$png" ]; then
  cat "$out/gimp.log" >&2
  echo "The demo failed; GIMP's messages are above." >&2
  exit 1
fi
echo "$xcf"
echo "$png"
