#include "decode/options/options.h"

namespace loquor {

namespace {

constexpr Option kModelOptions[] = {
    {.name = "compute_type",
     .member = member<&ModelOptions::compute_type>(),
     .default_text = "auto",
     .description = "What it computes in. auto: bf16 where the file stores 16 bits or less and the "
                    "machine multiplies them, else f32.",
     .choices = "auto|f32|bf16"},
    {.name = "cache_type",
     .member = member<&ModelOptions::cache_type>(),
     .default_text = "auto",
     .description = "Type of cached keys and values. auto: as the compute type.",
     .choices = "auto|f32|bf16"},
    {.name = "ignore_config_keys",
     .member = member<&ModelOptions::ignore_config_keys>(),
     .default_text = "none",
     .description = "Keys of config.json that may be unknown."},
    {.name = "runtime",
     .member = member<&ModelOptions::runtime>(),
     .default_text = "the shared one",
     .description = "Threads, log and memory limit."},
    {.name = "cancel",
     .member = member<&ModelOptions::cancel>(),
     .default_text = "none",
     .description = "Ends the load."},
};

}  // namespace

OptionTable<ModelOptions> model_options() noexcept { return {"model", kModelOptions}; }

}  // namespace loquor
