// SPDX-License-Identifier: Apache-2.0
// Precompiled: LibTorch's headers take many seconds, once instead of per file.
#pragma once
#include <torch/types.h>
#include <torch/utils.h>
