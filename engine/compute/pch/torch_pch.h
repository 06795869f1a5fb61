// SPDX-License-Identifier: Apache-2.0
// Precompiled: LibTorch's headers take ten seconds, once instead of per file.
#pragma once
#include <torch/torch.h>
