// All of loquor's C++ API. The C API is <loquor.h>.
#pragma once

#include "loquor/api.hpp"
#include "loquor/chat.hpp"
#include "loquor/chat_template.hpp"
#include "loquor/error.hpp"
#include "loquor/generation.hpp"
#include "loquor/json.hpp"
#include "loquor/message.hpp"
#include "loquor/model.hpp"
#include "loquor/options.hpp"
#include "loquor/options_json.hpp"
#include "loquor/output.hpp"
#include "loquor/runtime.hpp"
#include "loquor/sampler.hpp"
#include "loquor/session.hpp"
#include "loquor/tokenizer.hpp"
#include "loquor/version.hpp"
