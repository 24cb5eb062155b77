// The functions that a template finds beside its variables: Jinja2's, and the two that transformers
// adds.
#include <array>
#include <ctime>

#include "base/error.h"
#include "base/utf8.h"
#include "text/jinja/library.h"
#include "text/jinja/python.h"

namespace loquor::jinja {

namespace {

constexpr std::int64_t kMaxRange = 100'000;  // as Jinja2's sandbox has it

Value range(Machine& machine, const Value&, const Arguments& arguments) {
  const Bound bound("range", arguments, {"start", "stop", "step"}, 1);
  std::int64_t start = 0;
  std::int64_t stop = require_index(*bound[0], "range()");
  const std::int64_t step = bound[2] ? require_index(*bound[2], "range(): step") : 1;
  if (bound[1]) {
    start = stop;
    stop = require_index(*bound[1], "range(): stop");
  }
  if (step == 0) fail(Code::invalid_argument, "range(): the step must not be 0");
  std::vector<Value> items;
  for (std::int64_t at = start; step > 0 ? at < stop : at > stop;) {
    if (items.size() == kMaxRange)
      fail(Code::unsupported, "range() of more than ", kMaxRange, " numbers");
    items.push_back(at);
    if (__builtin_add_overflow(at, step, &at)) break;
  }
  return machine.sequence(Sequence::Flavor::range, std::move(items));
}

// The dict that dict() and namespace() start with: that of the one positional argument, if any.
const Dictionary* only_dictionary(std::string_view name, const Arguments& arguments) {
  if (arguments.positional.empty()) return nullptr;
  if (arguments.positional.size() > 1 || !arguments.positional[0].dictionary()) {
    fail(Code::unsupported, name, "() of anything but one dict and keyword arguments");
  }
  return arguments.positional[0].dictionary();
}

Value dict(Machine& machine, const Value&, const Arguments& arguments) {
  const auto out = machine.dictionary();
  if (const Dictionary* from = only_dictionary("dict", arguments)) {
    for (const auto& [key, value] : from->members()) out->add(key, value);
  }
  for (const auto& [name, value] : arguments.named) {
    out->set(machine, machine.string(std::string(name), true), value);
  }
  return Value(std::shared_ptr<const Dictionary>(out));
}

Value name_space(Machine& machine, const Value&, const Arguments& arguments) {
  Value out = machine.name_space();
  if (const Dictionary* from = only_dictionary("namespace", arguments)) {
    for (const auto& [key, value] : from->members()) {
      out.name_space()->set(require_text(key, "namespace(): a key").view(), value);
    }
  }
  for (const auto& [name, value] : arguments.named) out.name_space()->set(name, value);
  return out;
}

Value raise_exception(Machine& machine, const Value&, const Arguments& arguments) {
  const Bound bound("raise_exception", arguments, {"message"}, 1);
  const Text whole = str(machine, *bound[0]);
  const std::string_view start = whole.view().substr(0, 1000);
  std::string message(start.substr(0, valid_utf8_prefix(start)));
  for (char& c : message) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  throw Raised(std::move(message));
}

std::string padded(int value, int width, bool bare, char fill = '0') {
  std::string digits = std::to_string(value);
  if (!bare && digits.size() < static_cast<std::size_t>(width))
    digits.insert(0, static_cast<std::size_t>(width) - digits.size(), fill);
  return digits;
}

// One field of strftime() in the C locale, which the host's setting must not change; `bare`:
// without leading zeros.
std::string time_field(const std::tm& now, char field, bool bare) {
  static constexpr std::array<const char*, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
  static constexpr std::array<const char*, 12> kMonths{
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  auto day = std::string(kDays[static_cast<std::size_t>(now.tm_wday)]);
  auto month = std::string(kMonths[static_cast<std::size_t>(now.tm_mon)]);
  const int hour = now.tm_hour % 12 == 0 ? 12 : now.tm_hour % 12;
  switch (field) {
    case '%':
      return "%";
    case 'A':
      return day;
    case 'a':
      return day.substr(0, 3);
    case 'B':
      return month;
    case 'b':
      return month.substr(0, 3);
    case 'd':
      return padded(now.tm_mday, 2, bare);
    case 'e':
      return padded(now.tm_mday, 2, bare, ' ');
    case 'H':
      return padded(now.tm_hour, 2, bare);
    case 'I':
      return padded(hour, 2, bare);
    case 'j':
      return padded(now.tm_yday + 1, 3, bare);
    case 'M':
      return padded(now.tm_min, 2, bare);
    case 'm':
      return padded(now.tm_mon + 1, 2, bare);
    case 'p':
      return now.tm_hour < 12 ? "AM" : "PM";
    case 'S':
      return padded(now.tm_sec, 2, bare);
    case 'Y':
      return std::to_string(now.tm_year + 1900);
    case 'y':
      return padded(now.tm_year % 100, 2, bare);
    case 'F':
      return time_field(now, 'Y', false) + "-" + time_field(now, 'm', false) + "-" +
             time_field(now, 'd', false);
    case 'T':
      return time_field(now, 'H', false) + ":" + time_field(now, 'M', false) + ":" +
             time_field(now, 'S', false);
    default:
      fail(Code::unsupported, "strftime_now() with the field %", quoted(std::string(1, field)));
  }
}

Value strftime_now(Machine& machine, const Value&, const Arguments& arguments) {
  const Bound bound("strftime_now", arguments, {"format"}, 1);
  const std::string_view format = require_text(*bound[0], "strftime_now()").view();
  const std::time_t seconds = std::time(nullptr);
  std::tm now{};
  if (!localtime_r(&seconds, &now)) fail(Code::io, "the local time is not known");
  std::string out;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] != '%' || at + 1 == format.size()) {
      out += format[at];
      continue;
    }
    const bool bare = format[at + 1] == '-' && at + 2 < format.size();
    at += bare ? 2 : 1;
    out += time_field(now, format[at], bare);
  }
  return machine.string(std::move(out), true);
}

constexpr Named<Function> kGlobals[] = {
    {"dict", dict},   {"namespace", name_space},      {"raise_exception", raise_exception},
    {"range", range}, {"strftime_now", strftime_now},
};

}  // namespace

Function find_global(std::string_view name) { return find(kGlobals, name); }

bool is_foreign_global(std::string_view name) {
  return name == "cycler" || name == "joiner" || name == "lipsum";
}

}  // namespace loquor::jinja
