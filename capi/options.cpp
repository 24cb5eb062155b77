// Options: named values for a kind of call.
#include "guard.h"

using namespace loquor;
using namespace loquor::capi;

namespace {

template <std::size_t Index = 0>
AnyOptions options_of_kind(std::string_view kind, std::string known = {}) {
  if constexpr (Index == std::variant_size_v<AnyOptions>) {
    fail(Code::invalid_argument, "unknown kind of options ", quoted(kind), "; known are: ", known);
  } else {
    std::variant_alternative_t<Index, AnyOptions> options;
    const auto name = table(options).kind();
    if (name == kind) return options;
    return options_of_kind<Index + 1>(kind, text(known, known.empty() ? "" : ", ", name));
  }
}

void set_value(loquor_options* options, const char* name, const Json& value) {
  auto& values = handle(options, "options").values;
  required(name, "name");
  std::visit([&](auto& target) { table(target).set(target, name, value); }, values);
}

RuntimeOptions& runtime_values(loquor_options* options, std::string_view what) {
  auto& values = handle(options, "options").values;
  if (auto* found = std::get_if<RuntimeOptions>(&values)) return *found;
  fail(Code::invalid_argument, what, ": expected options of kind runtime");
}

}  // namespace

int32_t loquor_options_new(const char* kind, loquor_options** options, loquor_error** error) {
  return guard(error, [&] {
    required(options, "options");
    give(options, options_of_kind(required(kind, "kind")));
  });
}

int32_t loquor_options_describe(const char* kind, loquor_string** json, loquor_error** error) {
  return guard(error, [&] {
    required(json, "json");
    const auto options = options_of_kind(required(kind, "kind"));
    give(json, std::visit([](const auto& o) { return table(o).describe().dump(2); }, options));
  });
}

int32_t loquor_options_set_int64(loquor_options* options, const char* name, int64_t value,
                                 loquor_error** error) {
  return guard(error, [&] { set_value(options, name, value); });
}

int32_t loquor_options_set_double(loquor_options* options, const char* name, double value,
                                  loquor_error** error) {
  return guard(error, [&] { set_value(options, name, value); });
}

int32_t loquor_options_set_string(loquor_options* options, const char* name, const char* value,
                                  size_t length, loquor_error** error) {
  return guard(error, [&] { set_value(options, name, text_argument(value, length, "value")); });
}

int32_t loquor_options_set_ids(loquor_options* options, const char* name, const int32_t* ids,
                               size_t count, loquor_error** error) {
  return guard(error, [&] {
    const auto span = span_argument(ids, count, "ids");
    set_value(options, name, Json::Array(span.begin(), span.end()));
  });
}

int32_t loquor_options_set_handle(loquor_options* options, const char* name, const void* pointer,
                                  loquor_error** error) {
  return guard(error, [&] {
    auto& values = handle(options, "options").values;
    required(name, "name");
    const auto put = [&]<class Value>(Value value) {
      std::visit([&](auto& target) { table(target).set_handle(target, name, std::move(value)); },
                 values);
    };
    const auto* cancel = static_cast<const loquor_cancel*>(pointer);
    const auto* runtime = static_cast<const loquor_runtime*>(pointer);
    const auto* model = static_cast<const loquor_model*>(pointer);
    if (!pointer) {
      set_value(options, name, nullptr);
    } else if (cancel->is_valid()) {
      put(std::optional(cancel->value));
    } else if (runtime->is_valid()) {
      put(std::optional(runtime->value));
    } else if (model->is_valid()) {
      put(std::make_shared<const Model>(model->value));
    } else {
      fail(Code::invalid_argument,
           "handle: expected a loquor_cancel, a loquor_runtime or a loquor_model");
    }
  });
}

int32_t loquor_options_set_json(loquor_options* options, const char* json, size_t length,
                                loquor_error** error) {
  return guard(error, [&] {
    auto& values = handle(options, "options").values;
    const auto object = json_argument(json, length, "json");
    std::visit([&](auto& target) { table(target).set_all(target, object); }, values);
  });
}

int32_t loquor_options_to_json(const loquor_options* options, loquor_string** json,
                               loquor_error** error) {
  return guard(error, [&] {
    const auto& values = handle(options, "options").values;
    required(json, "json");
    give(json, std::visit([](const auto& o) { return table(o).to_json(o).dump(); }, values));
  });
}

int32_t loquor_options_set_log(loquor_options* options, loquor_log_callback log, void* context,
                               loquor_error** error) {
  return guard(error, [&] {
    auto& values = runtime_values(options, "log");
    values.log = nullptr;
    if (!log) return;
    values.log = [log, context](LogLevel level, std::string_view line) {
      log(context, static_cast<int32_t>(level), line.data(), line.size());
    };
  });
}

int32_t loquor_options_set_lend(loquor_options* options, loquor_lend_callback lend, void* context,
                                loquor_error** error) {
  return guard(error, [&] {
    auto& values = runtime_values(options, "lend");
    values.lend = nullptr;
    if (!lend) return;
    values.lend = [lend, context](int count, void (*worker)(void*), void* argument) {
      lend(context, count, worker, argument);
    };
  });
}

int32_t loquor_options_set_progress(loquor_options* options, loquor_progress_callback progress,
                                    void* context, loquor_error** error) {
  return guard(error, [&] {
    std::visit(
        [&](auto& values) {
          if constexpr (requires { values.input.progress; }) {
            values.input.progress = nullptr;
            if (!progress) return;
            values.input.progress = [progress, context](std::int64_t done, std::int64_t total) {
              progress(context, done, total);
            };
          } else {
            fail(Code::invalid_argument, "progress: found options of kind ", table(values).kind(),
                 ", expected those of a task");
          }
        },
        handle(options, "options").values);
  });
}

void loquor_options_free(loquor_options* options) { release(options); }
