// SPDX-License-Identifier: Apache-2.0
//
// For tests: with PINXIT_TEST_DUMP=FOLDER in the environment each finished preview is written there as
// preview-N.raw (R'G'B'A float, rows from top to bottom, machine byte order) and, once that is complete,
// preview-N.json: {"kind":"crop","region":[x,y,w,h],"width":w,"height":h,"request":{…}}. Otherwise nothing happens.
#pragma once

namespace pinxit {

struct PreviewFrame;
void dump_preview(const PreviewFrame& frame);

}  // namespace pinxit
